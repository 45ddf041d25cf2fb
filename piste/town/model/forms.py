"""Bases of the forms, and the values that several subjects declare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, ValidationInfo, field_validator

from piste.engine.converge.moments import zoned

from . import values


class Record(BaseModel):
    """A form that a program fills: strict, closed, immutable; a text may be any text."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)


class Form(Record):
    """A form that people fill: a text is not blank, and has one line unless it is in `prose`."""

    model_config = ConfigDict(str_min_length=1, str_max_length=2000)
    prose: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _has_texts(cls, value: object, info: ValidationInfo) -> object:
        values.said(value, lines=info.field_name in cls.prose)
        return value


def _zoned(text: str) -> str:
    zoned(text)
    return text


Status = Literal["to_confirm", "read_back", "validated"]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Network = Annotated[str, AfterValidator(values.network)]
Address = Annotated[str, AfterValidator(values.address)]
Mail = Annotated[str, AfterValidator(values.mail)]
Time = Annotated[str, AfterValidator(values.time)]
Date = Annotated[str, AfterValidator(values.day)]
Moment = Annotated[str, AfterValidator(_zoned)]
Short = Annotated[str, Field(min_length=1, max_length=64)]
"""A text that the inventory of Zabbix keeps whole: a model, a maker, a contract (`host_inventory` in its schema)."""
Title = Annotated[str, Field(min_length=1, max_length=200)]
"""A name that GLPI keeps whole (255), with what tells it from another of the same text."""
Vlan = Annotated[int, Field(ge=1, le=4094)]
Host = Annotated[int, Field(ge=1, le=2**24)]
Number = Annotated[int, Field(ge=0, le=2**16)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Percent = Annotated[int, Field(ge=1, le=100)]


@dataclass(frozen=True, slots=True)
class NameIn:
    """Mark of a text that names an entry of a variable, for editors. It checks nothing."""

    variable: str

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), NAME_IN: self.variable}


NAME_IN = "x-name-in"
CategoryName = Annotated[str, NameIn("categories")]
SiteName = Annotated[str, NameIn("sites")]
SegmentName = Annotated[str, NameIn("segment_catalogue")]
HardwareModel = Annotated[str, NameIn("hardware")]
PolicyName = Annotated[str, NameIn("directory_policies")]
ServiceName = Annotated[str, NameIn("service_catalogue")]
MachineName = Annotated[str, NameIn("hosting_machines")]
FamilyName = Annotated[str, NameIn("protection.families")]


class Marked(Form):
    """A form whose values may be an example to confirm."""

    status: Status | None = None


class Dated(Marked):
    """End of warranty and of life of hardware; the dates of the model are the default."""

    warranty_until: Date | None = None
    end_of_life: Date | None = None


class Owned(Dated):
    """An item of the inventory; `assigned_to` absent: its site."""

    assigned_to: Annotated[str, Field(min_length=1)] | None = None


class Reference(Form):
    secret: Annotated[str, AfterValidator(values.secret_path)]


def data(declared: Form, **derived: Any) -> Any:
    """Give a form as plain data, with what is derived for it."""
    return {**declared.model_dump(), **derived}
