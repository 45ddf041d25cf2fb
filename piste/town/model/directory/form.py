"""Forms of the directory."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Form, Marked, NameIn, PolicyName, SegmentName

Rollout = Literal["off", "pilot", "enforced"]
Follows = Literal["sobriety", "autostart", "telemetry", "dot1x"]


class SiteUnit(Form):
    """A unit of every site, or of each site with `segment`; `policies` are linked to it.

    `computers` names the segments of its computers; by default, the unit's own segment.
    """

    description: str | None = None
    segment: SegmentName | None = None
    computers: list[SegmentName] | None = None
    policies: list[PolicyName] = Field(default_factory=list)

    @property
    def stand_in(self) -> list[str]:
        """The segments of its computers."""
        own = [self.segment] if self.segment else []
        return own if self.computers is None else self.computers


class Directory(Marked):
    """The domain and its tree.

    `ad_site` names the site of Active Directory of the town; `units` are the town's; `site_groups` give each site a
    group, by prefix and label.
    """

    domain: Annotated[str, AfterValidator(values.domain)]
    controller: str
    controllers: Annotated[list[str], Field(min_length=1)]
    certificate_authority: str | None = None
    ad_site: Annotated[str, AfterValidator(values.unit)] = "Default-First-Site-Name"
    root: Annotated[str, AfterValidator(values.unit)]
    units: dict[Annotated[str, AfterValidator(values.unit)], str] = Field(default_factory=dict)
    site_units: dict[Annotated[str, AfterValidator(values.unit)], SiteUnit] = Field(default_factory=dict)
    site_groups: dict[str, str] = Field(default_factory=dict)


class DirectoryGroup(Marked):
    description: str
    scope: Literal["global", "domain_local", "universal"] = "global"
    members: list[str] = Field(default_factory=list)


_wql = values.matching(
    r"[sS][eE][lL][eE][cC][tT]\s[^;]+\s[fF][rR][oO][mM]\s+\w+(\s[^;]+)?",
    "une requête WQL, par exemple SELECT * FROM Win32_OperatingSystem WHERE ProductType = \"1\"",
)


class WmiQuery(Form):
    """A query of a filter; where Windows refuses it, a policy applies nowhere."""

    query: Annotated[str, AfterValidator(_wql)]
    namespace: str | None = None


class WmiFilter(Marked):
    description: str | None = None
    queries: Annotated[list[WmiQuery], Field(min_length=1)]


class DirectoryPolicy(Marked):
    """A group policy; the settings of each side are those of the module `ad_gpos`."""

    comment: str
    computer: dict[str, Any] | None = None
    user: dict[str, Any] | None = None
    filtering: list[str] | None = None
    exempt: list[str] = Field(default_factory=list)
    wmi_filter: Annotated[str, NameIn("directory_wmi_filters")] | None = None
    exclusive: bool = False
    follows: Follows | None = None


class SobrietyShutdown(Marked):
    """Minutes after closing, minutes of warning, exempt groups.

    Windows decides alone when nobody is there: since version 8 it ignores other durations (Microsoft, Task idle
    conditions).
    """

    delay_min: int = Field(ge=0, le=240)
    warning_min: int = Field(ge=1, le=60)
    exempt: list[str] = Field(default_factory=list)


class PilotGroups(Form):
    sobriety: str
    dot1x: str
