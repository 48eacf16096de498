"""What a training and a sweep are told of the split of labelled candidates."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.file_parameters import FileParameters

Seed = Annotated[
    int, Field(ge=0, lt=2**63, description="Every random draw comes from this number.")
]


class SplitParameters(FileParameters):
    """How labelled candidates are split; the same seed gives the same parts."""

    seed: Seed = 0
    validation_size: Annotated[
        float,
        Field(
            gt=0,
            lt=1,
            description="Share of rows that choose epoch and threshold; learnt from where neither "
            "has to be chosen on them.",
        ),
    ] = 0.2
    test_size: Annotated[
        float, Field(gt=0, lt=1, description="Share of rows that only measure.")
    ] = 0.2

    @model_validator(mode="after")
    def _parts_leave_rows_to_train_on(self) -> Self:
        held_out = self.validation_size + self.test_size
        if held_out >= 1:
            raise ValueError(
                f"validation_size {self.validation_size} + test_size {self.test_size} = "
                f"{held_out:g} leaves nothing to train on; their sum must be below 1"
            )
        return self

    def _changed(self, names: tuple[str, ...]) -> list[str]:
        fields = type(self).model_fields
        return [name for name in names if getattr(self, name) != fields[name].default]
