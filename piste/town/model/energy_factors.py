"""Form of the factors that estimate unmeasured energy: each with its source and date."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from . import values
from .forms import Date, Form, Marked

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1_000_000)]
Amount = Annotated[float, Field(ge=0, le=1_000_000_000)]


class LoadPoint(Form):
    load: Share
    watts: Positive


class NodePower(Marked):
    """Power of a node by its load; `margin` is the greatest error of an estimate, as a share."""

    source: str
    read_on: Date
    points: Annotated[list[LoadPoint], Field(min_length=2)]
    rest_load: Share
    usual_load: Share
    margin: Share

    @model_validator(mode="after")
    def _rises(self) -> Self:
        pairs = [(point.load, point.watts) for point in self.points]
        if any(left[0] >= right[0] or left[1] > right[1] for left, right in pairwise(pairs)):
            raise values.refuse("les points vont par charge croissante, et la puissance ne baisse pas")
        return self


class Electricity(Marked):
    """Emissions of a kilowatt-hour, in grams of CO2 equivalent, and the range of the sources."""

    source: str
    read_on: Date
    grams_per_kwh: Positive
    low: Positive
    high: Positive

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not self.low <= self.grams_per_kwh <= self.high:
            raise values.refuse(f"{self.grams_per_kwh:g} g/kWh n’est pas entre {self.low:g} et {self.high:g}")
        return self


class Source(Form):
    """A publication: its title, the year of its data, the day on which it was read."""

    title: str
    year: Annotated[int, Field(ge=1990, le=2200)] | None = None
    read_on: Date


class Factor(Form):
    """Consumption of a piece of equipment, or a share or ratio of it, with its range.

    `source` names a source of the table.
    """

    label: str
    unit: Literal["kwh_per_year", "watts", "share", "ratio"]
    value: Amount
    low: Amount
    high: Amount
    source: str
    note: str | None = None

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise values.refuse(f"{self.value:g} n’est pas entre {self.low:g} et {self.high:g}")
        return self


class Energy(Form):
    """The factors; `classes` gives the equipment whose factor a model without its own takes."""

    node_power: NodePower
    electricity: Electricity
    sources: dict[str, Source] = Field(default_factory=dict)
    equipment: dict[str, Factor] = Field(default_factory=dict)
    classes: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _classed(self) -> Self:
        for model, name in self.classes.items():
            if name not in self.equipment:
                raise values.refuse(f"{model} : la classe « {name} » n’est pas déclarée (equipment)")
            if model in self.equipment:
                raise values.refuse(f"{model} a son propre facteur : retirez-le de classes, ou d’equipment")
        return self

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        for name, factor in self.equipment.items():
            if factor.source not in self.sources:
                raise values.refuse(f"{name} : la source « {factor.source} » n’est pas déclarée (sources)")
        return self
