"""The bases of the forms: of what people declare, and of what programs write down."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from . import values


class Record(BaseModel):
    """A form that a program fills: strict, closed, immutable. Its texts are what a system said, whatever that is."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Form(Record):
    """A form that people fill: a text says something, on one line but for its `prose`."""

    model_config = ConfigDict(str_min_length=1, str_max_length=2000)
    prose: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _has_texts(cls, value: object, info: ValidationInfo) -> object:
        values.said(value, lines=info.field_name in cls.prose)
        return value
