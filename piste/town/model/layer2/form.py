"""Forms of the links between switches."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from .. import values
from ..flows.form import Ends, Flow, FlowId
from ..forms import Date, Form, Marked, SegmentName, SiteName
from ..routing.form import SwitchPort

BridgePriority = Annotated[int, Field(ge=0, le=61_440, multiple_of=4096)]
StackName = Annotated[str, AfterValidator(values.label)]
AggregateName = Annotated[str, AfterValidator(values.label)]
Dscp = Annotated[int, Field(ge=0, le=63)]


class Stack(Marked):
    """A stack of switches, by their names."""

    members: Annotated[list[str], Field(min_length=2, max_length=8)]


class Aggregate(Marked):
    """Ports that make up one link; `to` names a site, a switch or a stack at its other end."""

    ports: Annotated[list[SwitchPort], Field(min_length=2, max_length=8)]
    to: str | None = None


class TrafficPriorities(Marked):
    """DSCP value of the traffic of each segment; a segment without a value has no priority."""

    segments: dict[SegmentName, Dscp] = Field(default_factory=dict)


class Unfiltered(Marked):
    """A site whose switches do not filter yet: why, and until when, or why for ever."""

    why: Annotated[str, Field(min_length=1)]
    until: Date | None = None
    permanent: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _ends_or_says_why_not(self) -> Unfiltered:
        if (self.until is None) == (self.permanent is None):
            raise values.refuse("l’exception dit quand elle finit (until), ou pourquoi elle n’a pas de fin (permanent)")
        return self


class Reach(Flow):
    """A flow between segments at the core; by `wide_until` its whole protocol becomes ports."""

    wide_until: Date | None = None

    @model_validator(mode="after")
    def _is_looked_into_by_nobody(self) -> Reach:
        if self.charter or self.inspection:
            raise values.refuse("un commutateur ne filtre ni site du Web ni contenu (charter, inspection)")
        return self


class Segmentation(Marked):
    """Traffic between the segments that the core routes; everything else is refused.

    `sensitive` segments are behind the firewall; `unfiltered` names the sites whose switches do not filter yet.
    """

    reaches: dict[FlowId, Reach] = Field(default_factory=dict)
    sensitive: Ends | None = None
    unfiltered: dict[SiteName, Unfiltered] = Field(default_factory=dict)


class SpanningTree(Form):
    """Priority of a switch or stack of the site, by name; the least is the root."""

    priorities: dict[Annotated[str, AfterValidator(values.label)], BridgePriority] = Field(default_factory=dict)
