"""What a page shows of a fold, and the file that keeps it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulsars.folds.face import Face, face_of
from pulsars.folds.face_file import read_faces, write_faces
from pulsars.folds.fold import Fold
from schemas import DamagedRecordError


def fold(**given: Any) -> Fold:
    rng = np.random.default_rng(3)
    plain: dict[str, Any] = {
        "kind": "pfd",
        "profile": rng.uniform(0, 255, 256),
        "dm_curve": rng.uniform(0, 9, 300),
        "dms": np.linspace(10.0, 40.0, 300),
        "sub_bands": rng.normal(size=(64, 256)),
        "sub_integrations": rng.normal(size=(19, 40)),
        "telescope": "Parkes",
        "name": "J0000−0000",
        "period": 0.5,
        "dm": 25.0,
    }
    return Fold(**(plain | given))


def same(one: Face, other: Face) -> bool:
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Face)]
    return all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) else a == b
        for a, b in pairs
    )


def test_a_face_is_small_however_large_the_fold_is() -> None:
    face = face_of(fold())
    assert (face.profile.shape, face.dm_curve.shape) == ((128,), (128,))
    assert face.sub_bands is not None
    assert face.sub_bands.shape == (32, 64)
    assert face.sub_integrations is not None
    assert face.sub_integrations.shape == (19, 40)
    assert (face.dm_low, face.dm_high, face.telescope) == (10.0, 40.0, "Parkes")


def test_neighbours_are_averaged_and_the_whole_range_of_grey_is_used() -> None:
    given = np.repeat([1.0, 3.0, 5.0, 1.0], 64) + np.tile([-0.5, 0.5], 128)
    face = face_of(fold(profile=given))
    assert face.profile.tolist() == [0] * 32 + [128] * 32 + [255] * 32 + [0] * 32


def test_of_a_plane_of_periods_and_dms_the_best_of_each_dm_is_shown() -> None:
    plane = np.array([[1.0, 2.0, 0.0], [9.0, 1.0, 1.0]])
    face = face_of(fold(dm_curve=plane.ravel(), dms=np.array([5.0, 6.0])))
    assert face.dm_curve.tolist() == [0, 255]


def test_a_flat_picture_is_black() -> None:
    face = face_of(fold(sub_bands=np.full((4, 4), 7.0)))
    assert face.sub_bands is not None
    assert not face.sub_bands.any()


@pytest.mark.filterwarnings("error")
def test_a_picture_that_overflows_is_black() -> None:
    wide = np.tile([1e308, 1e308, -1e308, -1e308], (64, 64))
    face = face_of(fold(sub_bands=wide, sub_integrations=wide[:3, :9]))
    assert face.sub_bands is not None
    assert face.sub_integrations is not None
    assert not face.sub_bands.any()
    assert not face.sub_integrations.any()


def test_faces_are_read_as_they_were_written_by_rising_rank(tmp_path: Path) -> None:
    bare = Fold(kind="phcx", profile=np.arange(9.0), dm_curve=np.arange(4.0), section="FFT")
    faces = {7: face_of(fold()), 2: face_of(bare)}
    first = write_faces(tmp_path / "faces.parquet", faces)
    again = write_faces(tmp_path / "again.parquet", dict(reversed(faces.items())))
    found = read_faces(Path(first.path))
    assert list(found) == [2, 7]
    assert all(same(found[rank], faces[rank]) for rank in faces)
    assert first.sha256 == again.sha256


def test_a_face_takes_about_five_kilobytes(tmp_path: Path) -> None:
    write_faces(tmp_path / "faces.parquet", dict.fromkeys(range(200), face_of(fold())))
    assert (tmp_path / "faces.parquet").stat().st_size < 200 * 5_500


def test_no_faces_are_a_file_too(tmp_path: Path) -> None:
    write_faces(tmp_path / "faces.parquet", {})
    assert read_faces(tmp_path / "faces.parquet") == {}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("profile", b"", "profile of 0 bytes"),
        ("profile", b"0" * 129, "profile of 129 bytes"),
        ("dm_curve", None, "dm_curve of 0 bytes"),
        ("n_sub_bands", 33, "33 sub_bands"),
        ("n_sub_bands", None, "None sub_bands"),
        ("n_sub_bands", 31, "sub_bands of 2048 bytes in 31 rows"),
        ("kind", "exe", "'exe'"),
        ("name", None, "no name"),
        ("rank", None, "rank None"),
    ],
)
def test_a_file_that_says_what_no_face_says_is_refused(
    tmp_path: Path, column: str, value: object, said: str
) -> None:
    path = Path(write_faces(tmp_path / "faces.parquet", {1: face_of(fold())}).path)
    table = pq.read_table(path)
    place = table.schema.get_field_index(column)
    field = table.schema.field(place)
    pq.write_table(table.set_column(place, field, pa.array([value], field.type)), path)
    with pytest.raises(DamagedRecordError, match="faces") as refused:
        read_faces(path)
    assert said in str(refused.value)


def test_a_bomb_no_parquet_and_no_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "faces.parquet"
    with pytest.raises(DamagedRecordError, match="No such file"):
        read_faces(path)
    path.write_bytes(b"PAR1 or so")
    with pytest.raises(DamagedRecordError):
        read_faces(path)
    pq.write_table(pa.table({"rank": np.zeros(10_001, dtype=np.int64)}), path)
    with pytest.raises(DamagedRecordError, match="10,001 faces"):
        read_faces(path)
    pq.write_table(pa.table({"rank": [1]}), path)
    with pytest.raises(DamagedRecordError, match="columns"):
        read_faces(path)


def test_more_faces_than_are_read_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="10,001 faces"):
        write_faces(tmp_path / "faces.parquet", dict.fromkeys(range(10_001), face_of(fold())))


def test_a_face_is_frozen() -> None:
    assert replace(face_of(fold()), name="other").name == "other"
    with pytest.raises(AttributeError):
        face_of(fold()).name = "other"  # type: ignore[misc]
