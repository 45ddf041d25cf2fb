"""Consequences inside a segment: whom its people reach there, as isolation comes or goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.converge.allowed import is_waiting
from piste.engine.words import some
from piste.sites.consequences.doubts import by_name
from piste.sites.consequences.form import Consequence, Gravity
from piste.sites.consequences.links import Links
from piste.systems.meraki.filtering import access_list, client_vlan, ssid_rules
from piste.town.model.flows.access_lists import Stops
from piste.town.model.flows.filtering import passed
from piste.town.model.flows.reach import ISOLATED, WIRE
from piste.town.model.flows.traffic import ANY_SERVICE, Box, remaining, say_addresses, say_services

if TYPE_CHECKING:
    from piste.sites.consequences.sides import Item, Side, Sides
    from piste.town.model.derived import Derived

_UNTRIED = " ; sans paquet pour l’éprouver : le jumeau n’a qu’un ordinateur de chaque population"
_SOURCE = (
    "documentation.meraki.com, « Wireless Client Isolation » : isolé, un appareil ne joint que sa passerelle ; « MR "
    "Firewall Rules » : les règles d’un SSID filtrent ce qui sort de la borne"
)
_NEAR = _SOURCE + _UNTRIED
_OF_LISTS = "Dashboard API, updateNetworkSwitchAccessControlLists : les règles, dans l’ordre, puis tout passe"
_DEDUCED = (
    "aucune page publique de Meraki ne dit ce qu’isole un port : déduit du réglage, à vérifier sur deux ports"
    + _UNTRIED
)
_BY_NAME = "une règle du SSID vise un nom : ce qu’elle arrête dans le segment est inconnu"
_ON_AIR, _PLUGGED = "appareils de « {name} » à {sites}", "ce qui est branché sur {name}"
_LISTED = "{name} de {sites}, entre eux par les commutateurs"
_SIDES: tuple[Side, ...] = ("before", "after", "declared")
_BRIDGE = (None, "Bridge mode")
"""The modes in which an SSID isolates its clients if asked."""
_GRAVITIES: Mapping[bool, tuple[Gravity, Gravity]] = {True: ("opens", "changes"), False: ("gains", "cuts")}
"""What begins to pass, and what stops, in a segment that is isolated or not."""
_BECOMES = {"starts": "ne passait pas, passera", "stops": "passait, ne passera plus"}
_SHOWN = 4


class Inside(NamedTuple):
    """Reach of an SSID's clients in their segment.

    `near` is by the same access point; `far` is what its rules let leave the access point.
    """

    near: bool
    far: list[Box]
    sure: bool


class _Turn(NamedTuple):
    """A change for the people of a VLAN, by an SSID or a port, with its traffic."""

    operation: int
    site: str
    vlan: int
    name: str
    gravity: Gravity
    change: str
    said: str
    traffic: list[Box]
    sure: bool = True
    who: str = _ON_AIR
    source: str = _SOURCE
    access: str = ""


def consequences(town: Derived, sides: Sides) -> Iterator[Consequence]:
    """Yield what people reach no more, or now, in their own segment; alike SSIDs share a line."""
    places = [at for at, operation in enumerate(sides.operations) if not is_waiting(operation)]
    concerned = [at for at in places if sides.operations[at]["kind"] in _MADE]
    if not concerned:
        return
    links = Links(town, sides)
    together: dict[tuple[str, Gravity, str, str], list[_Turn]] = {}
    for at in concerned:
        operation = sides.operations[at]
        for turn in _MADE[operation["kind"]](sides, links, at, operation):
            together.setdefault((turn.name, turn.gravity, turn.change, turn.said), []).append(turn)
    for (name, gravity, change, said), turns in together.items():
        sites = some([*dict.fromkeys(turn.site for turn in turns)], _SHOWN)
        where = links.named(turns[0].vlan) if len({turn.vlan for turn in turns}) == 1 else _theirs(links, turns)
        yield Consequence(
            "reach",
            gravity,
            turns[0].who.format(name=name, sites=sites),
            said.format(where=where),
            tuple(dict.fromkeys(turn.operation for turn in turns)),
            source=turns[0].source,
            assumed=tuple(dict.fromkeys((turn.site, "network") for turn in turns)),
            unknown="" if all(turn.sure for turn in turns) else _BY_NAME,
            flow=_flow(links, change, turns) if all(links.zone(turn.vlan) for turn in turns) else None,
        )


def _theirs(links: Links, turns: Sequence[_Turn]) -> str:
    """Name the segments of several sites: `invites de leur site`."""
    keys = dict.fromkeys(links.segments[turn.vlan][1] for turn in turns if turn.vlan in links.segments)
    return f"{some([*keys], _SHOWN)} de leur site"


def _of_ssid(sides: Sides, links: Links, at: int, operation: Item) -> Iterator[_Turn]:
    old, new = (operation["content"][side] or {} for side in ("before", "after"))
    vlan = client_vlan(new) if new.get("enabled") else None
    if vlan is None or vlan not in links.segments:
        return
    isolated = links.zone(vlan) in ISOLATED
    if not old.get("enabled") and not isolated:
        return  # All that it reaches is new: its own line says so.
    # What the lists change is said of them.
    was, will = (_listed(sides, "after", operation["owner"], _inside(links, vlan, side)) for side in (old, new))
    declared = sides.objects("meraki_ssids", "declared").get((operation["owner"], str(new["name"])))
    opens, stops = _GRAVITIES[isolated]
    opens = "gains" if _within(will, _inside(links, vlan, declared or {})) else opens
    made = at, operation["owner"], vlan, str(new["name"])
    gained, lost = remaining(will.far, was.far), remaining(was.far, will.far)
    sure = was.sure and will.sure
    if will.near and not was.near:
        said = _beginning(links, vlan, will, again=bool(old.get("enabled")))
        yield _Turn(*made, opens, "starts", said, gained, sure, source=_NEAR)
    elif gained:
        yield _Turn(*made, opens, "starts", _passing(links, vlan, gained, "starts"), gained, sure)
    if was.near and not will.near:
        said = "seront isolés entre eux : dans {where}, ils n’atteindront plus que la passerelle"
        yield _Turn(*made, stops, "stops", said, lost, sure, source=_NEAR)
    elif lost:
        yield _Turn(*made, stops, "stops", _passing(links, vlan, lost, "stops"), lost, sure)


def _inside(links: Links, vlan: int, ssid: Item) -> Inside:
    """Give what an SSID's clients reach in a segment: nothing where it is off or isolates."""
    if not ssid.get("enabled") or (ssid.get("lan_isolation_enabled") and ssid.get("ip_assignment_mode") in _BRIDGE):
        return Inside(near=False, far=[], sure=True)
    own = links.segments[vlan][2]
    whole, rules = Box(own, own, ANY_SERVICE), ssid_rules(ssid)
    hits = passed(rules, whole) if rules else []
    named = any(by_name(rule) for rule in (ssid.get("l3_firewall") or {}).get("rules") or ())
    return Inside(True, [hit.box for hit in hits] if rules else [whole], not named)


def _listed(sides: Sides, side: Side, site: str, inside: Inside) -> Inside:
    """Take away what the access lists of a site stop between its switches and access points."""
    stops = Stops([(access_list(sides.rules(side).access_lists.get(site) or [], site), None)])
    refused = [box for rule in (*stops.requests.rules, *stops.answers.rules) for box in rule.boxes if rule.exact]
    return inside._replace(far=remaining(inside.far, refused))


def _of_lists(sides: Sides, links: Links, at: int, operation: Item) -> Iterator[_Turn]:
    """Yield what access lists do between the people of each segment of their site."""
    if "access_lists" not in operation["fields"]:
        return
    networks = {site["network_name"]: name for name, site in links.town.sites.items()}
    site = networks.get(str(operation["key"]), str(operation["owner"]))
    radio = [ssid for (owner, _), ssid in sides.objects("meraki_ssids", "before").items() if owner == site]
    for vlan, (_, key, own) in ((vlan, known) for vlan, known in links.segments.items() if known[0] == site):
        by_radio = [(str(ssid["name"]), _inside(links, vlan, ssid)) for ssid in radio if client_vlan(ssid) == vlan]
        for access, inside in ((WIRE, Inside(True, [Box(own, own, ANY_SERVICE)], sure=True)), *by_radio):
            was, will, wanted = (_listed(sides, side, site, inside).far for side in _SIDES)
            opens, stops = _GRAVITIES[links.zone(vlan) in ISOLATED]
            opens = opens if remaining(will, wanted) else "gains"
            turns = (remaining(will, was), "starts", opens), (remaining(was, will), "stops", stops)
            for boxes, change, gravity in turns:
                if boxes:
                    said = _passing(links, vlan, boxes, change)
                    made = _Turn(at, site, vlan, key, gravity, change, said, boxes, inside.sure)
                    yield made._replace(who=_LISTED, source=_OF_LISTS, access=access)


def _within(inside: Inside, other: Inside) -> bool:
    return inside.near <= other.near and not remaining(inside.far, other.far)


def _beginning(links: Links, vlan: int, will: Inside, *, again: bool) -> str:
    free = f"ne seront {'plus' if again else 'pas'} isolés entre eux"
    if not will.far:
        beyond = "au-delà, dans {where}, les règles du SSID les arrêtent"
        return f"{free} : ceux d’une même borne s’atteindront ; {beyond}"
    return f"{free} : ils s’atteindront, et atteindront {_said(links, vlan, will.far)}"


def _passing(links: Links, vlan: int, boxes: Sequence[Box], change: str) -> str:
    return f"→ {_said(links, vlan, boxes)} : {_BECOMES[change]}"


def _said(links: Links, vlan: int, boxes: Sequence[Box]) -> str:
    """Name a part of a segment: all of it, or addresses and services."""
    own, ends = links.segments[vlan][2], dict[str, None]()
    for box in boxes:
        services = "" if box.services == ANY_SERVICE else f" ({some(say_services(box.services), _SHOWN)})"
        where = "{where}" if box.destinations == own else some(say_addresses(box.destinations), _SHOWN)
        ends[f"{'tout ce qui est dans ' if not services and box.destinations == own else ''}{where}{services}"] = None
    return some([*ends], _SHOWN, " ; ")


def _of_port(sides: Sides, links: Links, at: int, operation: Item) -> Iterator[_Turn]:
    """Yield what isolation does to a port: isolated ports do not reach each other."""
    old, new = (operation["content"][side] or {} for side in ("before", "after"))
    was, will = (bool(side.get("isolation_enabled")) for side in (old, new))
    if was == will or new.get("enabled") is False or operation["action"] == "delete":
        return
    vlan, name = int(new.get("vlan") or 0), str(operation["label"])
    made = _Turn(at, operation["owner"], vlan, name, "changes", "stops", "", [], who=_PLUGGED, source=_DEDUCED)
    if will:
        yield made._replace(said="sera isolé : il n’atteindra plus les ports isolés voisins")
        return
    declared = sides.objects("meraki_switch_ports", "declared").get(("", str(operation["key"])), {})
    opens = links.zone(vlan) in ISOLATED and declared.get("isolation_enabled")
    said = "ne sera plus isolé : il atteindra les ports voisins"
    yield made._replace(gravity="opens" if opens else "gains", change="starts", said=said)


_MADE: Mapping[str, Callable[[Sides, Links, int, Item], Iterator[_Turn]]] = {
    "ssid": _of_ssid, "switch_port": _of_port, "network_settings": _of_lists
}  # fmt: skip


def _flow(links: Links, change: str, turns: Sequence[_Turn]) -> dict[str, Any]:
    """Give the traffic inside segments; by the same access point it has no address of its own."""
    ends = [(turn, *links.segments[turn.vlan][:2]) for turn in turns]
    return {
        "change": change,
        "exact": all(turn.sure for turn in turns),
        "declared": False,
        "from": [
            {
                "site": owner,
                "segment": key,
                "zone": links.zone(turn.vlan),
                "access": turn.access or (WIRE if turn.who == _PLUGGED else turn.name),
                "ports": [turn.name] if turn.who == _PLUGGED else [],
                "traffic": [
                    {"sources": [], "addresses": say_addresses(box.destinations), "ports": say_services(box.services)}
                    for box in turn.traffic
                ],
            }
            for turn, owner, key in ends
        ],
        "to": [{"destinations": [f"{key}@{owner}"], "services": [], "sources": []} for _, owner, key in ends],
    }
