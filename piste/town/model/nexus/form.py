"""Form of the Nexus switches of a site."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from .. import values
from ..forms import Form, Marked, SegmentName

NexusName = Annotated[str, AfterValidator(values.label)]
NexusLinkName = Annotated[str, AfterValidator(values.nexus_link)]
NexusPort = Annotated[str, AfterValidator(values.nexus_port)]


class NexusLink(Marked):
    """A trunk of a Nexus: a port, or a port-channel with its ports.

    `to` names what is at its other end: a switch or stack of the site, another Nexus, a node of the cluster, the
    firewall. Without `segments` it carries all that its Nexus carries.
    """

    to: Annotated[str, AfterValidator(values.label)]
    ports: list[NexusPort] = Field(default_factory=list)
    segments: list[SegmentName] | None = None
    vpc: Annotated[int, Field(ge=1, le=4096)] | None = None


class NexusVpc(Form):
    """The vPC that a Nexus makes with another: its domain, and the link by which both speak."""

    domain: Annotated[int, Field(ge=1, le=1000)]
    peer_link: NexusLinkName


class Nexus(Marked):
    """A Nexus switch; the reservation of its name is its address.

    It carries the segments of the machines of its site's cluster, and those that `segments` adds.
    """

    segments: list[SegmentName] = Field(default_factory=list)
    vpc: NexusVpc | None = None
    links: dict[NexusLinkName, NexusLink]
