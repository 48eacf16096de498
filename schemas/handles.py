"""Where a thing rests, and the hash that proves it.

A record is a few bytes of JSON in the server's database; the tables, arrays and models behind
it rest in files. A record is trusted only while every file it names still has its sha256.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from schemas.errors import FingerprintError


def sha256_of(path: Path) -> str:
    """Hash a file's content.

    Parameters
    ----------
    path : Path
        An existing file.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Record(BaseModel):
    """A frozen record that rejects unknown keys."""

    # Equal strings are one object where they are cached, and `own` wants its own.
    model_config = ConfigDict(frozen=True, extra="forbid", cache_strings="keys")

    def files(self) -> list[FileRef]:
        """Every file that this record vouches for."""
        records = (value for value in dict(self).values() if isinstance(value, Record))
        return [file for record in records for file in record.files()]

    def own(self) -> Self:
        """Give the same, made of records and strings that nobody else holds.

        Prefect ties a task to whichever task gave what its arguments hold, at any depth and by
        identity: what a step hands on as its own must not hold what it was given.
        """
        return type(self).model_validate_json(self.model_dump_json())

    def intact(self) -> bool:
        """Whether every file named here is there and has its content."""
        return all(file.matches() for file in self.files())


class FileRef(Record):
    """A file and the sha256 of its content."""

    path: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileRef:
        """Make the handle of a file as it is now."""
        return cls(path=str(path), sha256=sha256_of(path))

    def files(self) -> list[FileRef]:
        """Itself."""
        return [self]

    def matches(self) -> bool:
        """Whether the file is there with this content."""
        path = Path(self.path)
        return path.is_file() and sha256_of(path) == self.sha256

    def verified(self) -> Path:
        """Give the path after checking the content.

        Raises
        ------
        FingerprintError
            If the file is gone or its content is another.
        """
        if not self.matches():
            raise FingerprintError(
                f"{self.path} is gone or was changed since its sha256 {self.sha256[:12]}… was "
                f"taken; start the run again, it will make the file anew"
            )
        return Path(self.path)


class TableRef(Record):
    """A table in partitions: one Parquet file after another, in the order of the rows.

    A worker checks the content of the partition that it reads, and of no other.

    Attributes
    ----------
    partitions : list of FileRef
        At least one.
    n_rows : list of int
        Rows of each.
    """

    partitions: list[FileRef]
    n_rows: list[int]

    def files(self) -> list[FileRef]:
        """Its partitions."""
        return list(self.partitions)
