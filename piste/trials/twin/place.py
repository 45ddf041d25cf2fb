"""The places of a twin: where a computer of a population stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A computer of a population of a site, in a namespace of its own.

    `name` is unique in its site. `wired_port` is `serial/port` of the switch; a computer without port and SSID stands
    unplugged, since no live port carries its VLAN. `address` and `gateway` are given where no DHCP serves the segment.
    `account` is the test account of the twin that its port admits by 802.1X.
    """

    site: str
    name: str
    segment: str
    ssid: str | None
    population: str
    namespace: str
    interface: str = "eth0"
    wired_port: str | None = None
    address: str | None = None
    gateway: str | None = None
    account: str | None = None

    @property
    def plugged(self) -> bool:
        return self.wired_port is not None or self.ssid is not None
