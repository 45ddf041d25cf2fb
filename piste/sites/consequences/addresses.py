"""Consequences on the addresses that people get, and on the names that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from netaddr import IPAddress, IPRange, IPSet

from piste.engine.converge.allowed import is_waiting
from piste.engine.words import agreed, lasting, some
from piste.runs.changes import changes
from piste.sites.consequences.dependents import closed
from piste.sites.consequences.form import Consequence, Gravity
from piste.systems.kinds import labels
from piste.town.model.flows.ends import IN_SERVICE

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Side, Sides
    from piste.town.model.derived import Derived

KINDS = ("routed_interface", "engine_interface", "element", "dhcp_scope")
_LEASE = "RFC 2131, 4.4.5 : un poste garde son adresse jusqu’à la fin de son bail"
_TTL = "RFC 1035, 3.2.1 : une réponse se garde le temps de son TTL"
_ALONE = " ; si celui qui reste s’arrête, aucun appareil n’obtient d’adresse"
_SHOWN = 4
_NEEDED = {
    "routers": "sans passerelle, un appareil n’atteindra plus rien hors de son réseau",
    "dns": "sans serveur de noms",
}
"""What computers cannot do without an option of their scope."""


class Lent(NamedTuple):
    """The source of the addresses of a segment; `idle`: relays that lead to no server."""

    by: tuple[str, ...]
    seconds: int | None
    idle: tuple[str, ...] = ()


def leases(town: Derived, sides: Sides) -> Iterator[Consequence]:
    """Yield the segments where a computer gets an address no more, now does, or from others."""
    causes = [at for at, o in enumerate(sides.operations) if o["kind"] in KINDS and not is_waiting(o)]
    if not causes:
        return
    before, after = (Lending(sides, side) for side in ("before", "after"))
    for name, site in town.sites.items():
        for key, segment in site["segments"].items() if site["lifecycle"] in IN_SERVICE else ():
            if segment["vlan"] in sides.staying:
                continue
            was, will = before.of(segment["vlan"], segment["subnet"]), after.of(segment["vlan"], segment["subnet"])
            if (was.by if was else ()) == (will.by if will else ()):
                continue
            mine = tuple(at for at in causes if is_about(sides.operations[at], segment["vlan"], segment["subnet"]))
            who, rests = f"{key}@{name}", ((name, "addressing"), (name, "routing"), (name, "firewall"))
            if was and will:
                said = f"ce qui donne l’adresse : {', '.join(was.by)} → {', '.join(will.by)}"
                said += f" ; {', '.join(will.idle)} : aucun serveur d’adresses déclaré" if will.idle else ""
                said += _ALONE if len(will.by) == 1 and {*will.by} < {*was.by} else ""
                yield Consequence("addresses", "changes", who, said, mine, source=_LEASE, assumed=rests)
            elif was:
                lasts = f"au plus tard {lasting(was.seconds)} après son dernier bail" if was.seconds else ""
                said = "un appareil n’obtiendra plus d’adresse"
                yield Consequence("addresses", "cuts", who, said, mine, lasts, _LEASE, assumed=rests)
            else:
                yield Consequence("addresses", "gains", who, "un appareil obtiendra une adresse", mine, assumed=rests)


def is_about(operation: Item, vlan: int, subnet: str) -> bool:
    """Tell whether an operation is about the addresses of a segment."""
    sides = [side for side in operation["content"].values() if side]
    if operation["kind"] == "routed_interface":
        return any(int(side["vlan"]) == vlan for side in sides)
    if operation["kind"] == "engine_interface":
        return any(str(side["interface"]).partition(".")[2] == str(vlan) for side in sides)
    return operation["kind"] == "element" or str(operation["key"]) == subnet


class Lending:
    """The servers, relays and scopes of a side."""

    def __init__(self, sides: Sides, side: Side) -> None:
        self.scopes = {key: item for (_, key), item in sides.objects("dhcp_scopes", side).items()}
        self.core = {int(item["vlan"]): item for item in sides.objects("meraki_routed_interfaces", side).values()}
        self.engine = {
            str(item["interface"]).partition(".")[2]: item
            for item in sides.objects("smc_engine_interfaces", side).values()
        }
        servers = (item for item in sides.objects("smc_elements", side).values() if item["type"] == "dhcp_server")
        self.servers = {f"dhcp_server/{item['name']}": str(item.get("address") or "") for item in servers}
        commune = sides.town.commune
        self.lending = {server["address"] for server in commune["dhcp"]["servers"]} if commune else set()

    def of(self, vlan: int, subnet: str) -> Lent | None:
        """Give what lends addresses in a segment; None where nothing does."""
        here, there = self.core.get(vlan), self.engine.get(str(vlan))
        dhcp = (here or {}).get("dhcp") or {}
        if dhcp.get("mode") == "dhcpServer" or (there or {}).get("dhcp_server"):
            return Lent(("passerelle",), None)
        relays = [*(dhcp.get("relay_servers") or ())] if dhcp.get("mode") == "dhcpRelay" else []
        relays += [self.servers.get(name, name) for name in (there or {}).get("relay") or ()]
        # A relay that leads to no server of addresses lends nothing.
        idle = tuple(sorted({*relays} - self.lending))
        relays = [address for address in relays if address in self.lending]
        scope = self.scopes.get(subnet)
        if not relays or scope is None or scope.get("active") is False or not _left(scope):
            return None
        return Lent(tuple(sorted({*relays})), scope.get("lease"), idle)


def _left(scope: Item) -> bool:
    """Tell whether a scope has an address that no exclusion covers, or a reservation."""
    if scope.get("reservations") or not scope.get("start") or not scope.get("end"):
        return True
    return bool(_size(scope))


def _size(scope: Item) -> int:
    """Count the addresses of a scope that no exclusion covers; 0 where its ends are not known."""
    if not scope.get("start") or not scope.get("end"):
        return 0
    spans = [*(scope.get("exclusions") or ())]
    return (IPSet(IPRange(scope["start"], scope["end"])) - _covered(spans)).size if _orderly(scope) else 0


def _orderly(span: Item) -> bool:
    return IPAddress(span["start"]) <= IPAddress(span["end"])


def _covered(spans: Iterable[Item]) -> IPSet:
    covered = IPSet()
    for span in filter(_orderly, spans):
        covered.update(IPRange(span["start"], span["end"]))
    return covered


def pools(town: Derived, sides: Sides) -> Iterator[Consequence]:
    """Yield what scopes and lending gateways change for a segment, alike changes together."""
    segments = {
        place: f"{key}@{name}" for name, site in town.sites.items()
        for key, segment in site["segments"].items() for place in (segment["subnet"], str(segment["vlan"]))
    }  # fmt: skip
    together: dict[tuple[str, str, Gravity], list[tuple[int, str]]] = {}
    for at, operation in enumerate(sides.operations):
        if operation["action"] != "update" or is_waiting(operation):
            continue
        where, given = _pool(operation)
        if given:
            lease = (operation["content"]["before"] or {}).get("lease")
            lasts = f"à son prochain renouvellement, avant {lasting(int(lease))}" if lease else ""
            said = some(changes({**operation, "fields": given}), _SHOWN, " ; ")
            kind = "VLAN" if where.isdecimal() else "étendue"
            lost = [*_lost(sides, operation)]
            said = " ; ".join([*lost, said, *_shrunk(operation)])
            weight: Gravity = "cuts" if lost else "changes"
            together.setdefault((said, lasts, weight), []).append((at, segments.get(where, f"{kind} {where}")))
    for (said, lasts, weight), places in together.items():
        who, causes = some([who for _, who in places], _SHOWN), tuple(at for at, _ in places)
        yield Consequence("addresses", weight, who, f"ce que le DHCP donne change : {said}", causes, lasts, _LEASE)


def _lost(sides: Sides, operation: Item) -> Iterator[str]:
    """Say what computers lack without an option that a scope, and its servers, give no more."""
    if operation["kind"] != "dhcp_scope":
        return
    servers = [item.get("options") or {} for item in sides.objects("dhcp_servers", "after").values()]
    was, will = ((operation["content"][side] or {}).get("options") or {} for side in ("before", "after"))
    for name, said in _NEEDED.items():
        if was.get(name) and not will.get(name) and not any(server.get(name) for server in servers):
            yield said


def _shrunk(operation: Item) -> Iterator[str]:
    """Count the addresses that are left in a scope that becomes smaller."""
    if operation["kind"] == "dhcp_scope":
        was, will = (_size(operation["content"][side] or {}) for side in ("before", "after"))
        if will < was:
            yield f"{agreed(will, 'adresse(s)')} à prêter, au lieu de {was}"


def _pool(operation: Item) -> tuple[str, list[str]]:
    """Give the subnet or the VLAN that an operation lends to, and the fields of what it lends."""
    before, after = (operation["content"][side] or {} for side in ("before", "after"))
    if operation["kind"] == "dhcp_scope":
        own = [name for name in operation["fields"] if name not in ("name", "description", "active")]
        return str(operation["key"]), own
    if operation["kind"] == "engine_interface" and before.get("dhcp_server") and after.get("dhcp_server"):
        given = [name for name in ("dhcp_server",) if name in operation["fields"]]
        return str(after["interface"]).partition(".")[2], given
    modes = [(side.get("dhcp") or {}).get("mode") for side in (before, after)]
    if operation["kind"] == "routed_interface" and modes == ["dhcpServer"] * 2:
        return str(after["vlan"]), [name for name in ("dhcp",) if name in operation["fields"]]
    return "", []


def reserved(town: Derived, sides: Sides) -> Iterator[Consequence]:
    """Yield what keeps its address, where others will look for it at the declared address."""
    for name, site in town.sites.items():
        for entry in (known for scope in site["scopes"] for known in scope["reservations"] if known["status"]):
            causes = tuple(at for at, each in enumerate(sides.operations) if _leads_to(each, entry["address"]))
            if causes:
                leading = (sides.operations[at] for at in causes)
                looking = dict.fromkeys(f"{labels.kind(o['kind'])} {o['label']}" for o in leading)
                said = (
                    f"garde l’adresse qu’il a : sa réservation de {entry['address']} ne s’écrit pas, sa MAC est à "
                    f"confirmer ; {some([*looking], _SHOWN)} l’y chercher{'ont' if len(looking) > 1 else 'a'}"
                )
                rests = ((name, "addressing"),)
                yield Consequence("addresses", "cuts", entry["name"], said, causes, assumed=rests,
                                  unknown="l’adresse qu’il a, nul plan ne la lit")  # fmt: skip


def _leads_to(operation: Item, address: str) -> bool:
    """Tell whether an object that led elsewhere comes to name an address."""
    before, after = ({*_texts(operation["content"][side])} for side in ("before", "after"))
    return operation["action"] == "update" and not is_waiting(operation) and address in after - before


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def names(town: Derived, sides: Sides) -> Iterator[Consequence]:
    """Yield the names that will lead nowhere, elsewhere, or that appear; alike changes together."""
    together: dict[tuple[Any, ...], list[tuple[int, str]]] = {}
    for at, operation in enumerate(sides.operations):
        if operation["kind"] != "dns_record" or is_waiting(operation):
            continue
        before, after = (operation["content"][side] for side in ("before", "after"))
        was, will = (tuple(sorted(side.get("values") or ())) if side else () for side in (before, after))
        if was != will:
            ttl = int((before or {}).get("ttl") or 0) if was else 0
            ends = (was, will) if was and will else (bool(was), bool(will))
            what, name = _whole(before or after or {})
            said = f"{name} ({', '.join(was or will)})" if not (was and will) else name
            together.setdefault((what, ends, ttl), []).append((at, said))
    for (what, (was, will), ttl), places in together.items():
        causes = tuple(at for at, _ in places)
        who = f"{what[len(places) > 1]} {some([said for _, said in places], _SHOWN)}"
        many = len(places) > 1
        lasts = f"au plus tard {lasting(ttl)} après la dernière réponse gardée" if ttl else ""
        if was and not will:
            said = "ne se résoudront plus" if many else "ne se résoudra plus"
            yield Consequence("names", "cuts", who, said, causes, lasts, _TTL)
        elif not was:
            yield Consequence("names", "gains", who, "se résoudront" if many else "se résoudra", causes)
        else:
            said = f"{'mèneront' if many else 'mènera'} à {', '.join(will)}, et non plus à {', '.join(was)}"
            shut = closed(town, was, will)
            said += f", où rien n’ouvre {some(shut, _SHOWN)}" if shut else ""
            yield Consequence("names", "cuts" if shut else "changes", who, said, causes, lasts, _TTL)


def _whole(record: Item) -> tuple[tuple[str, str], str]:
    """Give what people ask for: a name, or the address of a reverse name; and its words."""
    zone, name = str(record["zone"]), str(record["name"])
    whole = zone if name == "@" else f"{name}.{zone}"
    if record["type"] == "PTR" and zone.endswith(".in-addr.arpa"):
        return ("l’adresse", "les adresses"), ".".join(reversed(whole.removesuffix(".in-addr.arpa").split(".")))
    return ("le nom", "les noms"), whole


def moved_subnets(sides: Sides) -> Iterator[Consequence]:
    """Yield the gateways that change their address: what has it fixed no longer finds it."""
    for at, operation in enumerate(sides.operations):
        before, after = (operation["content"][side] or {} for side in ("before", "after"))
        if operation["kind"] != "routed_interface" or operation["action"] != "update" or is_waiting(operation):
            continue
        for name, what in (("address", "passerelle"), ("subnet", "sous-réseau")):
            if before.get(name) and after.get(name) and before[name] != after[name]:
                said = f"{what} {before[name]} → {after[name]} ; ce qui a une adresse fixe garde l’ancienne"
                yield Consequence("addresses", "cuts", f"VLAN {after['vlan']}", said, (at,))


def of(town: Derived, sides: Sides) -> Sequence[Consequence]:
    """List all consequences on addresses and names."""
    lent = [*leases(town, sides), *pools(town, sides), *moved_subnets(sides), *reserved(town, sides)]
    return [*lent, *names(town, sides)]
