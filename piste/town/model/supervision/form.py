"""Forms of the supervision: classes, objectives, accounts, recipients."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from .. import values
from ..changes import OpeningHours
from ..forms import Form, Mail, Marked, Reference

Text = Annotated[str, Field(min_length=1, max_length=100)]
Measure = Annotated[str, Field(min_length=1, max_length=2048)]
Macro = Annotated[str, Field(pattern=r"^\{\$[A-Z0-9_.]+(:.+)?\}$")]
Label = Annotated[str, Field(pattern=r"^[^/]+$", max_length=64)]
Root = Annotated[str, Field(pattern=r"^[^/]+$", max_length=44)]
"""It begins the names of services, maps and maintenances, with the name of a site: 128 in all."""
Identifier = Annotated[str, AfterValidator(values.flow_id)]
AssetKind = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,31}$")]
Criticality = Literal["high", "medium", "low"]


class WatchedClass(Marked):
    """The way in which the assets of a class are watched."""

    label: Label
    templates: Annotated[list[Text], Field(min_length=1)]
    interface: Literal["agent", "snmp"] = "agent"
    criticality: Criticality = "medium"
    macros: dict[Macro, str] = Field(default_factory=dict)
    secret_macros: dict[Macro, Reference] = Field(default_factory=dict)


class Addition(Marked):
    """The additions of an asset to its class, and what of its templates is of no use on it."""

    templates: list[Text] = Field(default_factory=list)
    macros: dict[Macro, str] = Field(default_factory=dict)
    secret_macros: dict[Macro, Reference] = Field(default_factory=dict)
    disabled_items: list[Measure] = Field(default_factory=list)
    disabled_triggers: list[Measure] = Field(default_factory=list)
    disabled_discoveries: list[Measure] = Field(default_factory=list)
    disabled_scenarios: list[Measure] = Field(default_factory=list)


DISABLED: tuple[str, ...] = tuple(name for name in Addition.model_fields if name.startswith("disabled_"))
"""The keys of what stays disabled on a host."""


class OtherHost(Addition):
    """A host that is no asset: a service of the cloud, an organisation."""

    label: Label
    criticality: Criticality = "medium"


class Objective(Marked):
    """A level of service: the share of the time, in percent, during which a class is available.

    Where `hours` are given, they alone count; whole hours. The month of links is measured whole: they have none.
    """

    label: Text
    classes: Annotated[list[AssetKind], Field(min_length=1)]
    availability: Annotated[float, Field(gt=0, le=100)]
    period: Literal["daily", "weekly", "monthly", "quarterly", "annually"] = "monthly"
    since: Annotated[str, AfterValidator(values.day)]
    hours: list[OpeningHours] = Field(default_factory=list)

    @model_validator(mode="after")
    def _counts_whole_hours(self) -> Objective:
        for hours in self.hours:
            if not hours.start < hours.end or not hours.start.endswith(":00") or not hours.end.endswith(":00"):
                raise values.refuse(f"les heures de « {self.label} » sont pleines, et finissent après leur début")
        if self.hours and "link" in self.classes:
            raise values.refuse(f"« {self.label} » : le mois des liaisons se mesure en entier, sans heures (hours)")
        return self


class Reader(Marked):
    """An account that reads everything and changes nothing."""

    label: Text
    password: Reference


class Recipients(Marked):
    """Those whom problems from a severity are sent to, by mail."""

    label: Text
    mails: Annotated[list[Mail], Field(min_length=1)]
    severity: Literal["information", "warning", "average", "high", "disaster"] = "average"


class MailServer(Marked):
    """The server that takes mails; it asks for no account."""

    server: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    sender: Mail


class Supervision(Form):
    """The supervision of the town; `root` begins the names of its groups."""

    root: Root
    classes: Annotated[dict[AssetKind, WatchedClass], Field(min_length=1)]
    also: dict[Text, Addition] = Field(default_factory=dict)
    others: dict[Identifier, OtherHost] = Field(default_factory=dict)
    versions: dict[Text, Text] = Field(default_factory=dict)
    objectives: dict[Identifier, Objective] = Field(default_factory=dict)
    readers: dict[Identifier, Reader] = Field(default_factory=dict)
    recipients: dict[Identifier, Recipients] = Field(default_factory=dict)
    mail: MailServer | None = None

    @model_validator(mode="after")
    def _watches_what_it_promises(self) -> Supervision:
        for name, objective in self.objectives.items():
            for strange in sorted({*objective.classes} - self.classes.keys()):
                raise values.refuse(f"objectives.{name} : la classe « {strange} » n’est pas décrite (classes)")
        return self
