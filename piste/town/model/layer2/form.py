"""Forms of the links between switches."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Form, Marked, SegmentName
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


class Separation(Marked):
    """Two segments that the core routes, and that never speak to each other."""

    between: Annotated[list[SegmentName], Field(min_length=2, max_length=2)]
    why: Annotated[str, Field(min_length=1)]


class SpanningTree(Form):
    """Priority of a switch or stack of the site, by name; the least is the root."""

    priorities: dict[Annotated[str, AfterValidator(values.label)], BridgePriority] = Field(default_factory=dict)
