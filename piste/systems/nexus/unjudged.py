"""Lines of a running configuration that nothing judges: counted by subject, never left out.

They are read, and kept in the bag as text. A subject that the declaration says (vPC) is judged instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from piste.systems.nexus.configuration import Line

OTHERS = "autres réglages"
_OF_BLOCKS = (
    ("vPC", r"vpc domain "),
    ("OSPF", r"router ospf(v3)? "),
    ("autre routage dynamique", r"router |route-map |(ip|ipv6) prefix-list |(ip|ipv6) pim |key chain "),
    ("routes statiques", r"(ip|ipv6) route "),
    ("VRF", r"vrf context "),
    ("listes d’accès", r"((ip|ipv6|mac) access-list|vlan access-map|vlan filter|object-group) "),
    ("VXLAN", r"interface nve|evpn|fabric forwarding |nv overlay "),
    ("arbre recouvrant", r"(no )?spanning-tree "),
    ("qualité de service", r"(class-map|policy-map|system qos|qos )"),
    ("interfaces d’un autre genre", r"interface (?!Vlan|Ethernet[0-9/]+$|port-channel[0-9]+$|mgmt0$)"),
)
_OF_INTERFACES = (
    ("vPC", r"vpc "),
    ("OSPF", r"(ip|ipv6) (router )?ospf(v3)? |(no )?ospfv3 |(ip|ipv6) router ospf(v3)? "),
    ("autre routage dynamique", r"(ip|ipv6) (router|pim|eigrp|rip|igmp|mld) |isis |bfd "),
    ("IPv6", r"(no )?ipv6 "),
    ("listes d’accès", r"(ip|ipv6|mac) (port )?access-group "),
    ("arbre recouvrant", r"(no )?spanning-tree "),
    ("qualité de service", r"(service-policy|priority-flow-control|qos) "),
)
_JUDGED = re.compile(
    r"(description |(no )?shutdown$|switchport$|switchport (mode|trunk allowed vlan) |channel-group |ip address |"
    r"ipv6 address (?!use-link-local|autoconfig|dhcp)|(hsrp|vrrp|vrrpv3) )"
)
_HEADINGS = re.compile(r"(version|hostname|vlan [0-9,\- ]+$|(no )?system default switchport( shutdown)?$)")


def unjudged(root: Line, *, vpc: bool = False) -> dict[str, int]:
    """Count the lines that nothing judges, by subject; `vpc` where the declaration says its vPC."""
    count = Counter(subject for subject in _subjects(root) if not (vpc and subject == "vPC"))
    return dict(sorted(count.items(), key=lambda item: (item[0] == OTHERS, item[0])))


def said(count: dict[str, int]) -> str:
    """Name the subjects that are not judged, after a sentence; empty without any."""
    parts = ", ".join(f"{subject} ({lines})" for subject, lines in count.items())
    return f" ; lues et gardées, non jugées : {parts}" if parts else ""


def _subjects(root: Line) -> Iterator[str]:
    for block in root.below:
        kind = _subject(block.text, _OF_BLOCKS)
        if kind is None and block.text.startswith("interface "):
            for line in block.below:
                if not _JUDGED.match(line.text) or _routed(block, line):
                    named = _subject(line.text, _OF_INTERFACES)
                    yield from [named or ("ports routés" if _routed(block, line) else OTHERS)] * _size(line)
        elif kind is not None or not _HEADINGS.match(block.text):
            yield from [kind or OTHERS] * _size(block)


def _routed(block: Line, line: Line) -> bool:
    """True for an address of a port, which routes by itself; `mgmt0` is the switch's own."""
    of_port = block.text.startswith(("interface Ethernet", "interface port-channel"))
    return of_port and line.text.startswith(("ip address ", "ipv6 address ", "no switchport"))


def _subject(text: str, subjects: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for name, start in subjects if re.match(start, text)), None)


def _size(line: Line) -> int:
    return 1 + sum(map(_size, line.below))
