"""Forms of digital sobriety: levers, steps of their rollout, exceptions, targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .. import values
from ..forms import Date, Form, Mail, Marked, NameIn

Perimeter = Literal["postes", "impression", "hebergement", "stockage", "reseau"]
Drives = Literal[
    "sleep",
    "shutdown",
    "autostart",
    "telemetry",
    "thin_clients",
    "print_defaults",
    "machine_hours",
    "retention",
    "ssid_hours",
    "port_hours",
    "radio_power",
    "ssid_cleaning",
]
"""The part of the declaration that a lever turns on; each part has one lever."""
Target = Literal["site", "machine", "share", "lot"]
TARGETS: Mapping[Drives, Target] = {"machine_hours": "machine", "retention": "share", "thin_clients": "lot"}
"""The targets of the levers that are not of sites."""
Step = Literal["diagnosis", "information", "pilot", "general", "reverted"]
LeverId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{2,40}$")]
LeverName = Annotated[LeverId, NameIn("sobriety_levers")]
FigureId = Annotated[str, Field(pattern=r"^F\d{1,2}(\.[a-z_]+)?$")]
Text = Annotated[str, Field(min_length=1)]
Euros = Annotated[int, Field(ge=0, le=100_000_000)]
Bound = Annotated[float, Field(ge=-1_000_000_000, le=1_000_000_000)]


class Investment(Form):
    """Cost of a lever, in euros without tax; a lever without a cost is a setting (CCTP 4.4.8)."""

    what: Text
    capex_eur: Euros = 0
    opex_eur_per_year: Euros = 0


class Lever(Marked):
    """A measure of sobriety: the part that it turns on, its targets, effect and procedure.

    Targets are sites, else what `TARGETS` says. `spared` targets never follow it; `justified` targets do
    although their service is continuous; each has a reason. `pilot` is the first wave: where it is empty all targets
    are in it, and the group of pilots chooses among people. `prerequisites` are technical; people settle `organisation`
    beforehand.
    """

    label: Text
    perimeter: Perimeter
    drives: Drives
    cctp: Text
    what: Text
    eligibility: Text
    prerequisites: list[Text] = Field(default_factory=list)
    organisation: list[Text] = Field(default_factory=list)
    depends_on: list[LeverName] = Field(default_factory=list)
    spared: dict[str, Text] = Field(default_factory=dict)
    justified: dict[str, Text] = Field(default_factory=dict)
    pilot: list[str] = Field(default_factory=list)
    observation_days: int = Field(ge=1, le=365)
    effect: Text
    risks: Annotated[list[Text], Field(min_length=1)]
    procedure: Annotated[list[Text], Field(min_length=1)]
    reversal: Text
    message: Text
    investment: Investment | None = None

    @property
    def target(self) -> Target:
        return TARGETS.get(self.drives, "site")


class Decision(Form):
    """A decision to do without a condition of the rule: by whom, and why."""

    by: Text
    why: Text


class RolloutStep(Form):
    """A step of a lever: the date, the author; `targets` empty: all targets of the lever."""

    lever: LeverName
    step: Step
    date: Date
    by: Text
    targets: list[str] = Field(default_factory=list)
    decided: Decision | None = None
    why: Text | None = None


class SobrietyException(Marked):
    """Days on which a site is spared levers: an event outside its hours.

    `levers` empty: all of them.
    """

    levers: list[LeverName] = Field(default_factory=list)
    start: Date = Field(alias="from")
    until: Date
    why: Text

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.until < self.start:
            raise values.refuse(f"l’exception finit le {self.until}, avant de commencer le {self.start}")
        return self


class SobrietyContact(Marked):
    """Address for the questions of agents about the changes."""

    mail: Mail


class SobrietyTarget(Marked):
    """Bounds of a figure, which the tender gives as an indication.

    A reading older than `max_age_days` counts as not read.
    """

    at_least: Bound | None = None
    at_most: Bound | None = None
    max_age_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    cctp: Text = "4.4.6"
    note: Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise values.refuse("une cible dit au moins (at_least), au plus (at_most), ou les deux")
        for bound in (self.at_least, self.at_most):
            if bound is not None and bound < -100:
                raise values.refuse(f"rien ne baisse de plus de 100 % : {bound:g}")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise values.refuse(f"au moins {self.at_least:g} et au plus {self.at_most:g} ne se peuvent ensemble")
        return self
