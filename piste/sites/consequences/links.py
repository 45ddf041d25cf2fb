"""Ports of switches on each side: VLANs cut off, computers that move to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.converge.allowed import is_waiting
from piste.engine.words import some
from piste.sites.consequences.followed import PORTS, following
from piste.sites.consequences.form import Gravity
from piste.systems.meraki.vlans import ALL, NATIVE, passes, vlan_ranges
from piste.town.model.flows.ends import IN_SERVICE
from piste.town.model.flows.number_ranges import Ranges
from piste.town.model.flows.reach import ISOLATED
from piste.town.model.flows.traffic import addresses

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Side, Sides
    from piste.town.model.derived import Derived
    from piste.town.model.devices import Device
    from piste.town.model.ports import Port
    from piste.town.model.site import Site

POLICIES = "meraki_access_policies"
_PLUGGED, _PHONE = "ce qui est branché sur {ports}", "un téléphone branché sur {ports}"
_FEW = 4
"""Most VLANs of other sites, or other sites, that are named."""
_ENDED = {
    "ce qui ne s’authentifie pas": ("guest_vlan_id",),
    "ce qui échoue à s’authentifier": ("radius", "failed_auth_vlan_id"),
    "si aucun serveur RADIUS ne répond, tout ce qui est branché": ("radius", "critical_auth", "data_vlan_id"),
    "si aucun serveur RADIUS ne répond, tout téléphone": ("radius", "critical_auth", "voice_vlan_id"),
}
"""Whom an access policy puts in a VLAN without having admitted them, and its field."""


class Link(NamedTuple):
    """The ports of a site that lead to one end: a site, a switch, the firewall."""

    site: str
    end: str
    ports: tuple[str, ...]
    vlans: frozenset[int]


class Moved(NamedTuple):
    """A port whose computers leave a VLAN for another, by an operation; None: for no VLAN.

    Of a trunk, it is what it does not tag: nothing says who sends so.
    """

    operation: int
    site: str
    port: str
    name: str
    before: int | None
    after: int | None
    who: str
    """Who moves; `{ports}` is for the names of the ports."""
    trunk: bool = False
    gravity: Gravity = "changes"
    plain: int | None = None
    """The VLAN of what is not tagged there: of a phone that loses its own."""


class Partly(NamedTuple):
    """A VLAN that a port loses or gains, where nothing says what is behind, with its weight.

    Without a VLAN, the port closes or opens, and nothing says what it carries.
    """

    operation: int
    site: str
    port: str
    vlan: int | None
    gravity: Gravity
    others: tuple[str, ...]
    """Ports that carry it to the same end all the same."""
    name: str
    """The name of the port before: what was plugged in there."""
    left: str
    """What becomes of the port that loses it."""
    starts: bool
    end: str
    """The site or the device that the declaration puts behind; empty where it says nothing."""


class Links:
    """The links of a town, by the ports that the declaration names, on both sides of a plan."""

    def __init__(self, town: Derived, sides: Sides) -> None:
        self.town, self.sides = town, sides
        self.segments: dict[int, tuple[str, str, Ranges]] = {
            segment["vlan"]: (name, key, addresses(segment["subnet"]))
            for name, site in town.sites.items()
            if site["lifecycle"] in IN_SERVICE
            for key, segment in site["segments"].items()
        }
        self.known: dict[str, tuple[Site, Device, Port]] = {
            f"{device['serial']}/{port['port']}": (site, device, port)
            for site in town.sites.values()
            for device in site["devices"]
            for port in device["ports"]
        }
        self.links = [*_links(self.known)]

    def cut(self, side: Side) -> dict[int, Link]:
        """Give the link that lacks each VLAN cut off on a side: none of its ports lets it pass."""
        ports = self.sides.objects(PORTS, side)
        return {
            vlan: link
            for link in self.links
            if link.end not in self._switches(link.site)
            for vlan in link.vlans
            if not any(carries(ports.get(("", port)), vlan) for port in link.ports)
        }

    def _switches(self, site: str) -> set[str]:
        return {device["name"] for device in self.town.sites[site]["devices"]}

    def subnets(self, vlans: Mapping[int, Link]) -> Ranges:
        """Give the addresses of some VLANs; the transit cuts off nothing that is computed here."""
        return Ranges.union(self.segments[vlan][2] for vlan in vlans if vlan in self.segments)

    def changed(self) -> Iterator[Moved | Partly]:
        """Yield what the operations on ports do that is not a cut of a whole VLAN."""
        before, after, wanted = (self.sides.objects(PORTS, side) for side in ("before", "after", "declared"))
        whole = {*self.cut("before")} ^ {*self.cut("after")}
        for at, operation in enumerate(self.sides.operations):
            port = str(operation["key"])
            if operation["kind"] == "access_policy":
                yield from self._unadmitted(at, operation)
            if operation["kind"] != "switch_port" or port not in self.known:
                continue
            site, device, declared = self.known[port]
            named = f"{device['name']}/{declared['port']}"
            old, new = before.get(("", port)), after.get(("", port))
            if not (declared["uplink"] or declared["allowed_vlans"]) and _turns_untold(old, new):
                name, on = str((old or {}).get("name") or ""), (new or {}).get("enabled") is not False
                left = "le port s’allume" if on else _left(new or {})
                yield Partly(at, site["id"], named, None, "unknown", (), name, left, on, "")
                continue
            yield from self._followed(at, site["id"], named, declared, (old, new, wanted.get(("", port))))
            trunk, said = not (_is_access(old) or _is_access(new)), set(whole)
            for was, will, voice in _memberships(old, new):
                if was != will:
                    who = "ce qui passe sans étiquette par {ports}" if trunk else _PHONE if voice else _PLUGGED
                    plain = _plain(new) if voice and will is None else None
                    name = str(declared["name"] or "")
                    yield Moved(at, site["id"], named, name, was, will, who, trunk, plain=plain)
                said |= set() if trunk else {vlan for vlan in (was, will) if vlan}
            if not (_is_access(old) and _is_access(new)):
                yield from self._parts(at, site["id"], port, named, old or {}, new or {}, said)

    def _unadmitted(self, at: int, operation: Item) -> Iterator[Moved]:
        """Yield where an access policy puts who is not admitted by the ports that follow it."""
        owner, name = operation["owner"], str(operation["key"])
        before, after = (following(self.sides, side, operation) for side in ("before", "after"))
        ports = [port for port in before if before[port] == after.get(port) == name and port in self.known]
        sides = [operation["content"]["before"], operation["content"]["after"]]
        if not all(sides) or is_waiting(operation):
            return
        said = self.sides.objects(POLICIES, "declared").get((owner, name))
        for who, was, will, gravity in self._ended(sides[0], sides[1], said):
            for port in ports:
                _, device, known = self.known[port]
                named = f"{device['name']}/{known['port']}"
                whole = f"{who} aux ports du site {owner} qui suivent « {name} »"
                yield Moved(at, owner, named, str(known["name"] or ""), was, will, whole, gravity=gravity)

    def _followed(
        self, at: int, site: str, named: str, declared: Port, ports: Sequence[Item | None]
    ) -> Iterator[Moved]:
        """Yield where another access policy puts who is not admitted by a port that passes to it.

        `ports` are the port before, after and as declared.
        """
        names = [port.get("access_policy") if port and port.get("enabled", True) else None for port in ports]
        if not all(names[:2]) or names[0] == names[1]:
            return
        sides: Sequence[Side] = ("before", "after", "declared")
        policies = [self.sides.objects(POLICIES, side).get((site, str(name)))
                    for side, name in zip(sides, names, strict=True)]  # fmt: skip
        if not all(policies[:2]):
            return  # What nobody knows of them is said as a doubt.
        for who, was, will, gravity in self._ended(policies[0], policies[1], policies[2]):
            name = str(declared["name"] or "")
            yield Moved(at, site, named, name, was, will, f"{who} sur {{ports}}", gravity=gravity)

    def _ended(
        self, old: Item | None, new: Item | None, said: Item | None
    ) -> Iterator[tuple[str, int | None, int | None, Gravity]]:
        """Yield whom two access policies put in two VLANs, both VLANs, the weight of that."""
        for who, path in _ENDED.items():
            was, will, declared = (_at(side, path) for side in (old, new, said))
            if was != will:
                enters = self.zone(will) not in ISOLATED and (was is None or self.zone(was) in ISOLATED)
                yield who, was, will, "opens" if will and enters and will != declared else "changes"

    def _parts(
        self, at: int, site: str, port: str, named: str, old: Item, new: Item, said: set[int]
    ) -> Iterator[Partly]:
        link = next((link for link in self.links if port in link.ports), None)
        others = [other for other in link.ports if other != port] if link else []
        after, declared = self.sides.objects(PORTS, "after"), self.known[port][2]
        wanted = (link.vlans if link else set()) | _numbers(declared["allowed_vlans"] or "")
        about = {*self.segments} if _lets_all(old, new) else _listed(old) | _listed(new) | wanted
        own_first = sorted(about & self.segments.keys() - said, key=lambda vlan: (self.segments[vlan][0] != site, vlan))
        for vlan in own_first:
            was, will = (carries(side, vlan) for side in (old, new))
            if was != will:
                kept = tuple(self._name(other) for other in others if carries(after.get(("", other)), vlan))
                gravity: Gravity = "gains" if declared["uplink"] or vlan in wanted else "opens"
                if was:
                    # A trunk out of its box lets all pass: by that, nobody chose it.
                    gravity = "changes" if kept else "cuts" if vlan in wanted or not _lets_all(old) else "unknown"
                name, end = str(old.get("name") or ""), declared["far_end"] or ""
                yield Partly(at, site, named, vlan, gravity, kept, name, _left(new), will, end)

    def declared(self, ports: Iterable[Moved]) -> bool:
        """Tell whether the declaration puts what is plugged in there where it is before."""
        known = {f"{device['name']}/{port['port']}": port for _, device, port in self.known.values()}
        return any(port.before in (known[port.port]["vlan"], known[port.port]["voice_vlan"]) for port in ports)

    def _name(self, port: str) -> str:
        _, device, declared = self.known[port]
        return f"{device['name']}/{declared['port']}"

    def named(self, vlan: int | None) -> str:
        """Name a VLAN in the town's words: `invites (VLAN 114)`."""
        if vlan is None:
            return "aucun VLAN"
        known = self.segments.get(vlan)
        return f"{known[1]} (VLAN {vlan})" if known else f"VLAN {vlan} (sans segment)"

    def within(self, vlans: Sequence[int], site: str) -> str:
        """Name VLANs at a port of a site; many of others are named by their sites."""
        owners = {vlan: self.segments[vlan][0] if vlan in self.segments else site for vlan in vlans}
        own = [self.named(vlan) for vlan in vlans if owners[vlan] == site]
        others = [f"{self.named(vlan)} de {owners[vlan]}" for vlan in vlans if owners[vlan] != site]
        if len(others) > _FEW:
            sites = [*dict.fromkeys(owner for owner in owners.values() if owner != site)]
            others = [f"{len(others)} VLAN d’autres sites ({some(sites, _FEW)})"]
        return ", ".join([*own, *others])

    def from_to(self, verb: str, was: int | None, will: int | None) -> str:
        """Write whence people pass, and where: `passera d’invites (VLAN 114) à …`."""
        left = self.named(was)
        return f"{verb} {'d’' if left[0] in 'aeiou' else 'de '}{left} à {self.named(will)}"

    def zone(self, vlan: int | None) -> str:
        """Give the zone of a VLAN; empty where it is of no segment."""
        owner, key, _ = self.segments.get(vlan or 0, ("", "", None))
        return self.town.sites[owner]["segments"][key]["zone"] if owner else ""

    def causes(self, vlan: int, cuts: Mapping[int, Link]) -> list[int]:
        """Give the places of the operations on the ports of the link that lacks a VLAN."""
        ports = cuts[vlan].ports
        return [
            at
            for at, operation in enumerate(self.sides.operations)
            if operation["kind"] == "switch_port" and operation["key"] in ports
        ]


def _links(known: Mapping[str, tuple[Site, Device, Port]]) -> Iterator[Link]:
    ends: dict[tuple[str, str], list[str]] = {}
    for port, (site, _, declared) in known.items():
        if declared["uplink"] and declared["far_end"] and site["lifecycle"] in IN_SERVICE:
            ends.setdefault((site["id"], declared["far_end"]), []).append(port)
    for (site_id, end), ports in ends.items():
        texts = [known[port][2]["allowed_vlans"] or "" for port in ports]
        vlans = frozenset(int(part) for text in texts for part in text.split(",") if part)
        yield Link(site_id, end, tuple(ports), vlans)


def _at(item: Item | None, path: Iterable[str]) -> int | None:
    """Give a VLAN deep in an access policy; None where nothing says any."""
    inner: Any = item
    for name in path:
        inner = (inner or {}).get(name)
    return int(inner) if inner else None


def carries(port: Item | None, vlan: int) -> bool:
    """Tell whether a port lets a VLAN pass; what nothing says is as the system makes it."""
    port = port or {}
    if port.get("enabled") is False:
        return False
    if _is_access(port):
        return vlan in (port.get("vlan"), port.get("voice_vlan"))
    return passes(_list(port), vlan)


def _lets_all(*ports: Item) -> bool:
    return any(not _is_access(port) and _list(port) == ALL for port in ports)


def _listed(port: Item) -> set[int]:
    """Give the VLANs that a trunk names."""
    return set() if _is_access(port) or _lets_all(port) else _numbers(_list(port))


def _list(port: Item) -> str:
    """Give the list of a trunk; it lets all pass where nothing says, as the system makes it."""
    return vlan_ranges(str(port.get("allowed_vlans") or ALL))


def _numbers(text: str) -> set[int]:
    ends = [part.partition("-") for part in text.split(",") if part]
    return {number for first, _, last in ends for number in range(int(first), int(last or first) + 1)}


def _turns_untold(old: Item | None, new: Item | None) -> bool:
    """Tell whether a port turns off or on, and no side says if it is access or trunk."""
    turns = old and new and old.get("enabled", True) != new.get("enabled", True)
    return bool(turns and old and new and "type" not in old and "type" not in new)


def _is_access(port: Item | None) -> bool:
    return (port or {}).get("type") == "access"


def _left(port: Item) -> str:
    """Say what a port still carries; empty where it is an access, or is gone."""
    if port.get("enabled") is False:
        return "le port s’éteint"
    return f"il porte encore {_list(port)}" if port and not _is_access(port) else ""


def _plain(port: Item | None) -> int | None:
    """Give the VLAN in which a port puts what is not tagged; None where it is off or gone."""
    return port.get("vlan") if port and port.get("enabled", True) else None


def _memberships(old: Item | None, new: Item | None) -> Iterator[tuple[int | None, int | None, bool]]:
    """Yield the VLANs, before and after, of what is plugged in, and of its phones."""
    sides = old or {}, new or {}
    if not any(map(_is_access, sides)):
        was, will = (side.get("vlan", NATIVE) for side in sides)
        yield was, will, False
        return
    for name in ("vlan", "voice_vlan"):
        # A trunk puts what it does not tag in its native VLAN.
        plain = NATIVE if name == "vlan" else None
        was, will = (
            side.get(name, None if _is_access(side) else plain) if side.get("enabled", True) else None for side in sides
        )
        yield was, will, name == "voice_vlan"
