"""Parquet files of every type that a cell may have, whole and damaged."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.chaos.case import Case, refuse, told
from tests.chaos.cells import MISSING, label_of, number_of
from tests.chaos.damage import damage
from tests.chaos.sheet import Column, draw_sheet
from tests.chaos.truth import FEATURES, LABEL, Cell, Row, Truth, refusals_of, same_bits

if TYPE_CHECKING:
    from random import Random

    from pulsars.reading.reader import Reading
    from tests.chaos.sheet import Sheet

RUINED = ["nested", "timestamp", "bool"]
PLAIN = ["float64", "float64", "float32", "string", "large_string", "dictionary", "decimal"]
ODD = ["string_view", "binary", "int16", "float16", "large_binary", *RUINED]
COMPRESSIONS = ["none", "snappy", "gzip", "zstd"]
EXTRAS: dict[str, Callable[[int], Any]] = {
    "when": lambda n: pa.array([i * 1000 for i in range(n)], pa.timestamp("ms")),
    "curve": lambda n: pa.array([[1.0, 2.0]] * n),
    "meta": lambda n: pa.array([{"a": 1, "b": "x"}] * n),
    "blob": lambda n: pa.array([b"\x00\xff"] * n),
    "nothing": pa.nulls,
    "span": lambda n: pa.array(range(n), pa.duration("s")),
    "day": lambda n: pa.array(range(n), pa.date32()),
    "id": lambda n: pa.array([f"c{i}" for i in range(n)]),
    "flag": lambda n: pa.array([i % 3 == 0 for i in range(n)]),
    "beam": lambda n: pa.array([i % 13 for i in range(n)], pa.uint8()),
    "index": lambda n: pa.array(range(n), pa.int64()),
    "": lambda n: pa.array([f"x{i}" for i in range(n)]),
}


def _float16(value: float) -> Any:
    import numpy as np

    return np.float16(value)


def typed(texts: list[str], kind: str) -> tuple[Any, list[Cell]]:
    """Give a column of a type, and what its cells then say."""
    numbers = [number_of(text) for text in texts]
    plain = [0.0 if number is None else number for number in numbers]
    if kind in _NUMERIC:
        data = _NUMERIC[kind](plain)
        return data, [Cell(_finite(value)) for value in data.to_pylist()]
    if kind in RUINED:
        odd = {"nested": [[v] for v in plain], "bool": [v > 1 for v in plain]}
        return pa.array(odd.get(kind, [None] * len(plain))), [Cell(None) for _ in plain]
    as_text = pa.array(texts, pa.string())
    cells = [Cell(number, None if number is not None else "text") for number in numbers]
    if kind == "dictionary":
        return as_text.dictionary_encode(), cells
    return as_text.cast(getattr(pa, kind)()), cells


def _finite(value: Any) -> float | None:
    number = float(str(value)) if isinstance(value, Decimal) else float(value)
    return number if math.isfinite(number) else None


def _whole(values: list[float]) -> Any:
    return pa.array([round(min(max(value, -32768), 32767)) for value in values], pa.int16())


def _decimal(values: list[float]) -> Any:
    return pa.array([round(Decimal(repr(one)), 9) for one in values], pa.decimal128(30, 9))


_NUMERIC: dict[str, Callable[[list[float]], Any]] = {
    "float64": lambda values: pa.array(values, pa.float64()),
    "float32": lambda values: pa.array(values, pa.float64()).cast("float32"),
    "float16": lambda values: pa.array(list(map(_float16, values)), pa.float16()),
    "int16": _whole,
    "decimal": _decimal,
}


def _label(column: Column, rng: Random) -> Any:
    ones = [bool(cell.value) for cell in column.truth]
    kinds = ["bool", "int8", "uint64", "float32", "string", "dictionary", "decimal128(3,1)"]
    kind = rng.choice(kinds)
    if kind == "bool":
        return pa.array(ones)
    if kind in ("string", "dictionary"):
        return typed(column.texts, kind)[0]
    if kind.startswith("decimal"):
        return pa.array([Decimal(int(one)) for one in ones], pa.decimal128(3, 1))
    return pa.array([int(one) for one in ones]).cast(kind)


def _put_nulls(data: Any, cells: list[Cell], rng: Random) -> tuple[Any, list[Cell]]:
    """Take a few cells out."""
    gone = {rng.randrange(len(cells)) for _ in range(rng.randint(1, 3))}
    mask = pa.array([at not in gone for at in range(len(cells))])
    emptied = pc.if_else(mask, data, pa.scalar(None, data.type))
    return emptied, [Cell(None, "missing") if at in gone else one for at, one in enumerate(cells)]


def _build(sheet: Sheet, rng: Random, kinds: list[str]) -> tuple[list[str], list[Any]]:
    """Give names and typed columns, and note in the sheet what they say."""
    names, data = [], []
    kind = rng.choice(kinds)
    mixed = rng.random() < 0.3
    for column in sheet.columns:
        if column.role == LABEL:
            one = _label(column, rng)
        else:
            kind = rng.choice(kinds) if mixed else kind
            one, column.truth = typed(column.texts, kind)
            if rng.random() < 0.05 and kind not in ("dictionary", "string_view", "float16"):
                one, column.truth = _put_nulls(one, column.truth, rng)
            sheet.said.append(f"{column.role} {kind}")
        names.append(column.name)
        data.append(one)
    return names, data


def _packed(names: list[str], data: list[Any], rng: Random, *, checksum: bool) -> bytes:
    """Write a Parquet file."""
    sink = io.BytesIO()
    table = pa.Table.from_arrays(data, names=names)
    pq.write_table(
        table,
        sink,
        compression=rng.choice(COMPRESSIONS),
        row_group_size=rng.choice([None, 7, 50]),
        write_page_checksum=checksum,
        use_dictionary=rng.random() < 0.5,
        data_page_version=rng.choice(["1.0", "2.0"]),
    )
    return sink.getvalue()


def truth_of(sheet: Sheet) -> Truth:
    """Say what typed columns mean; rows are numbered from 1."""
    features = [next(c for c in sheet.columns if c.role == name) for name in FEATURES]
    label = next((column for column in sheet.columns if column.role == LABEL), None)
    rows = (
        Row(at + 1, tuple(one.truth[at] for one in features), label.truth[at] if label else None)
        for at in range(sheet.n_rows)
    )
    by_place = sheet.names != "known"
    return Truth(tuple(rows), sheet.labelled, sheet.places, by_place, sheet.excused)


def _draw(rng: Random, kinds: list[str], *, checksum: bool = True) -> tuple[Sheet, bytes]:
    sheet = draw_sheet(rng, names=rng.choice(["known", "known", "known", "foreign"]))
    names, data = _build(sheet, rng, kinds)
    if sheet.names == "known":
        for extra in rng.sample(sorted(EXTRAS), rng.randint(0, 3)):
            place = rng.randint(0, len(names))
            names.insert(place, extra)
            data.insert(place, EXTRAS[extra](sheet.n_rows))
            sheet.columns.insert(place, Column("", extra, [""] * sheet.n_rows))
    return sheet, _packed(names, data, rng, checksum=checksum)


def _told(sheet: Sheet, raw: bytes) -> Case:
    said = "; ".join(sheet.said)
    if any(f" {kind}" in said for kind in RUINED):
        return Case("rubbish: Parquet", raw, refuse, said=said, suffix="parquet", lenient=True)
    more = {"said": said, "suffix": "parquet", "lenient": True}
    return told("rubbish: Parquet", raw, truth_of(sheet), **more)


def parquet(rng: Random) -> Case:
    """Draw a Parquet file of plain types."""
    sheet, raw = _draw(rng, PLAIN)
    return _told(sheet, raw)


def odd_parquet(rng: Random) -> Case:
    """Draw a Parquet file of types that are seldom seen, or with names that are no names."""
    sheet, raw = _draw(rng, PLAIN + ODD)
    return _told(sheet, raw)


def damaged_parquet(rng: Random) -> Case:
    """Draw a Parquet file that broke; where its pages have checksums it shows."""
    checksum = rng.random() < 0.7
    sheet, raw = _draw(rng, ["float64", "float32", "string"], checksum=checksum)
    broken, way = damage(raw, rng)
    judge = _as_arrow_reads(broken, sheet.places)
    return Case("rubbish: damaged Parquet", broken, judge, said=way, suffix="parquet")


def _as_arrow_reads(raw: bytes, places: dict[str, int]) -> Callable[[Reading], str | None]:
    """Hold a reading against what Arrow itself makes of these columns, checksums looked at."""

    def judge(reading: Reading) -> str | None:
        try:
            names = pq.read_schema(pa.BufferReader(raw)).names
            used = {name: names[places[name] - 1] for name in reading.columns}
            table = pq.read_table(  # what broke in a column that nobody reads spoils nothing
                pa.BufferReader(raw), columns=[*used.values()], page_checksum_verification=True
            )
        except (pa.ArrowException, OSError, ValueError, IndexError):
            return refuse(reading)
        if any(places.get(n) != one.position for n, one in reading.columns.items()):
            return None if reading.warnings else "other columns, and no warning"
        at_fault = {row for row, _ in refusals_of(reading)}
        for name in reading.columns:
            column = table.column(used[name]).to_pylist()
            for at, value in enumerate(reading.frame[name].tolist()):
                if at not in at_fault and not _same(value, column[at], label=name == LABEL):
                    return f"{name} of row {at + 1} is {value!r}, not {column[at]!r}"
        return None

    return judge


def _same(value: float, cell: Any, *, label: bool) -> bool:
    if isinstance(cell, str) and cell in MISSING:
        return False
    meant = (label_of if label else number_of)(str(cell)) if isinstance(cell, str) else cell
    if isinstance(meant, bool):
        meant = float(meant)
    return meant is not None and same_bits(value, float(meant))
