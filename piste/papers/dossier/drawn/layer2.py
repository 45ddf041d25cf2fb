"""The network of a site at level 2, drawn from the core outwards, and the same in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Table, optional
from piste.papers.dossier.drawn.cabling import Cable, Cabling, Place, Sort
from piste.papers.dossier.drawn.parts import drawings
from piste.papers.drawings.graph import NOWHERE, Across, Sign, Thing
from piste.papers.drawings.text import names, ranges

MANY = 6
"""Sites that a drawing names; more are counted, and the map of the town names them."""
LONGEST = 48
"""Letters of a list of VLANs that a box has; a longer list is counted, and the table has it."""
_RADIOS, _SITES = "\x00radios", "\x00sites"
_OUTSIDE: Sequence[Sort] = ("site", "end")
_TINTS: Mapping[Sort, int] = {
    "firewall": 4, "stack": 0, "nexus": 3, "host": 2, "site": 1, "end": 1, "access_points": 2,
}  # fmt: skip
_SIGNS = (
    "pile de commutateurs",
    "autre site, ou extérieur",
    "bornes Wi-Fi, serveurs",
    "Nexus",
    "pare-feu",
)


def layer2(key: str, name: str, cabling: Cabling, places: Mapping[str, str] = NOWHERE) -> list[Block]:
    """Draw the cables of a site, and list them; a large site takes several drawings."""
    things = _things(cabling)
    across: list[Across] = []
    tree = {(thing.parent, thing.key) for thing in things}
    keys = {thing.key for thing in things}
    for cable in cabling["cables"]:
        far = cable["far"]
        if far in keys and cable["near"] in keys and (cable["near"], far) not in tree:
            across.append(Across(cable["near"], far))
    caption = f"Réseau de niveau 2 : {name}"
    table = _table(f"{key}-cables", cabling)
    if len(things) < 2:
        return [table]
    return [*drawings(f"{key}-l2", caption, _words(cabling), things, across, _legend, places), table]


def _things(cabling: Cabling) -> list[Thing]:
    places = cabling["places"]
    loose = Counter(place["under"] for place in places if not place["known"])
    sites = Counter(place["under"] for place in places if place["sort"] == "site")
    outside = {place["name"] for place in places if place["sort"] in _OUTSIDE}
    things: dict[str, Thing] = {}
    for place in _outwards(places):
        under = place["under"]
        if place["sort"] == "site" and under and sites[under] > MANY:
            counted = agreed(sites[under], "site(s) raccordé(s)")
            things.setdefault(_SITES, Thing(_SITES, counted, ["voir la carte de la Ville"], under, tint=1))
            continue
        if not place["known"] and loose[under] > 1:
            bar = f"\x00{under}"
            things.setdefault(bar, Thing(bar, parent=under, sure=False, bar=True))
            under = bar
        radios = place["sort"] == "access_points"
        thing = _radios(place, under) if radios else _thing(place, under, cabling["cables"], outside)
        things[thing.key] = thing
    return list(things.values())


def _outwards(places: Sequence[Place]) -> Iterator[Place]:
    """Yield each place after what it hangs on."""
    waiting, done = list(places), set[str | None]({None})
    while waiting:
        ready = [place for place in waiting if place["under"] in done] or waiting
        yield from ready
        done |= {place["name"] for place in ready}
        waiting = [place for place in waiting if place not in ready]


def _thing(place: Place, under: str | None, cables: Sequence[Cable], outside: set[str]) -> Thing:
    name = place["name"]
    about = [f"{device} · {model}" if device != name else model for device, model in place["members"]]
    own = [cable for cable in cables if cable["near"] == name]
    for cable in cables:
        if cable["far"] == name and cable["near"] == under:
            about += [f"ports {_ports(name, cable['far_ports'])}"] if cable["far_ports"] else []
            near = cable["near_ports"] if under not in outside else ()
            about += [f"depuis {_ports(under, near)}"] if near else []
            about += _vlans(cable)
    if name in outside:
        for cable in own:
            about += [f"départ : {_ports(name, cable['near_ports'])}"] if cable["near_ports"] else []
            about += [cable["medium"] or "", notation.rate(cable["rate_mbps"]) or ""]
    else:
        open_ = {cable["leads"]: cable for cable in own if cable["leads"] != "known"}
        words = {"unknown": "liaisons", "access_points": "bornes"}
        here = {word: open_[leads]["near_ports"] for leads, word in words.items() if leads in open_}
        about += [f"{word} {_ports(name, ports)}" for word, ports in here.items()]
        about += _vlans(open_["unknown"]) if "unknown" in open_ else []
    lines = [line for line in dict.fromkeys(about) if line]
    return Thing(name, name, lines, under, place["known"], tint=_TINTS.get(place["sort"]))


def _radios(place: Place, under: str | None) -> Thing:
    models = Counter(model for _, model in place["members"])
    title = agreed(len(place["members"]), "borne(s) Wi-Fi")
    about = [names([name for name, _ in place["members"]]), ", ".join(models)]
    return Thing(_RADIOS, title, about, under, sure=False, tint=2)


def _vlans(cable: Cable) -> list[str]:
    numbers = _numbers(cable["vlans"])
    if len(numbers) > LONGEST:
        return [f"{len((cable['vlans'] or '').split(','))} VLAN"]
    return [f"VLAN {numbers}"] if numbers else []


def _numbers(vlans: str | None) -> str:
    return ranges([int(number) for number in (vlans or "").split(",") if number.isdigit()])


def _ports(place: str | None, ports: Sequence[str]) -> str:
    """Write the ports of a switch by their numbers, those of a stack with their switch."""
    split = [port.rpartition("/") for port in ports]
    if all(device == place and number.isdigit() for device, _, number in split):
        return ranges([int(number) for _, _, number in split])
    return ", ".join(ports)


def _cell(place: str | None, ports: Sequence[str]) -> Cell:
    return optional(_ports(place, ports))


def _legend(things: Sequence[Thing], across: Sequence[Across]) -> Iterator[Sign]:
    used = {thing.tint for thing in things}
    if across or any(thing.parent and thing.sure for thing in things):
        yield Sign("liaison déclarée", link=True)
    if any(thing.parent and not thing.sure for thing in things):
        yield Sign("branchement que rien ne déclare : du même réseau, par un chemin à relever", link=False)
    if any(thing.bar for thing in things):
        yield Sign("brassage du site, non déclaré", bar=True)
    for tint in (4, 0, 3, 1, 2):
        if tint in used:
            yield Sign(_SIGNS[tint], tint=tint)


def _words(cabling: Cabling) -> str:
    places = cabling["places"]
    sorts = Counter(place["sort"] for place in places)
    radios = sum(len(place["members"]) for place in places if place["sort"] == "access_points")
    switches = sum(len(place["members"]) for place in places if place["sort"] in ("switch", "stack"))
    open_ = sum(not place["known"] for place in places if place["sort"] in ("switch", "stack"))
    known = sum(cable["leads"] == "known" or not cable["vlans"] for cable in cabling["cables"])
    counted = [
        agreed(switches, "commutateur(s)"), f"dont {agreed(sorts['stack'], 'pile(s)')}" if sorts["stack"] else "",
        f"{sorts['nexus']} Nexus" if sorts["nexus"] else "", agreed(radios, "borne(s) Wi-Fi") if radios else "",
        agreed(known, "liaison(s) déclarée(s)"),
        f"{agreed(open_, 'commutateur(s)')} au branchement non déclaré" if open_ else "",
    ]  # fmt: skip
    return ", ".join(part for part in counted if part) + ". Le tableau qui suit donne chaque liaison"


def _table(key: str, cabling: Cabling) -> Table:
    def far(cable: Cable) -> object:
        if cable["leads"] == "access_points":
            return optional("bornes Wi-Fi")
        return optional(cable["far"] or "non déclaré")

    return Table.of(
        key, "Liaisons du réseau, du cœur vers les extrémités", cabling["cables"],
        lambda cable: f"{cable['near']}/{','.join(cable['near_ports'])}/{cable['far'] or cable['leads']}",
        (Column("near", "De", 2), lambda cable: optional(cable["near"])),
        (Column("near_ports", "Ports", 2, code=True), lambda cable: _cell(cable["near"], cable["near_ports"])),
        (Column("far", "Vers", 2), far),
        (Column("far_ports", "Ports", 2, code=True), lambda cable: _cell(cable["far"], cable["far_ports"])),
        (Column("vlans", "VLAN", 2, code=True), lambda cable: optional(_numbers(cable["vlans"]))),
        (Column("rate", "Débit"), lambda cable: optional(notation.rate(cable["rate_mbps"]))),
        (Column("medium", "Support", 2), lambda cable: optional(cable["medium"])),
        empty="Aucune liaison déclarée.",
    )  # fmt: skip
