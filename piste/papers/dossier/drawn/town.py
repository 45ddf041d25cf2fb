"""The network of the town: sites around the core by kind of link, routers and zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Column, Table, optional
from piste.papers.dossier.drawn.layer3 import ZONES, zone_signs
from piste.papers.dossier.drawn.parts import drawings
from piste.papers.drawings.graph import NOWHERE, Across, Sign, Thing
from piste.papers.drawings.text import ranges
from piste.town.model.derived import Derived
from piste.town.model.layer2.carried import FIREWALL
from piste.town.model.site import Site

_CORE, _NOWHERE = "\x00core", "\x00nowhere"


class SiteLink(TypedDict):
    """A link of a site to the network; `to` is None where nothing declares any."""

    site: str
    name: str
    category: str
    lifecycle: str
    link: str | None
    to: str | None
    medium: str | None
    operator: str | None
    rate_mbps: int | None
    far_port: str | None
    vlans: list[int]
    status: str | None


class ZoneLine(TypedDict):
    """The segments of a zone whose gateway a router carries, all sites together."""

    carrier: str
    zone: str
    segments: int
    sites: int


class Hop(TypedDict):
    """An interface of a router of the town: its address there, and what is beyond."""

    router: str
    name: str
    subnet: str
    address: str
    vlan: int | None


class NetworkMap(TypedDict):
    """The network of the town; `core` and `firewall` name its routers, None: undeclared."""

    firewall: str | None
    core: str | None
    core_site: str | None
    links: list[SiteLink]
    hops: list[Hop]
    zones: list[ZoneLine]


def network_map(town: Derived) -> NetworkMap:
    """Give the network of a town."""
    assert town.commune is not None
    core, engine = town.commune["core"], town.commune["firewall_engine"]
    hops = []
    if engine:
        hops += [
            Hop(router=engine["name"], name=hop["name"], subnet=hop["subnet"], address=hop["address"], vlan=hop["vlan"])
            for hop in engine["interfaces"]
        ]
    if core:
        own = core["interface"]
        name = core["stack"] or core["site"]
        hops.append(Hop(router=name, name=own["name"], subnet=own["subnet"], address=own["address"], vlan=own["vlan"]))
    return NetworkMap(
        firewall=engine["name"] if engine else None,
        core=(core["stack"] or core["site"]) if core else None,
        core_site=core["site"] if core else None,
        links=[link for site in town.sites.values() if site["lifecycle"] != "closed" for link in _links(site)],
        hops=hops,
        zones=list(_zones(town)),
    )


def _links(site: Site) -> Iterator[SiteLink]:
    """Yield the links that a site declares; a site without a link has a line too."""
    devices = {device["name"] for device in (*site["devices"], *site["awaited"])}
    core = site["core"]
    arriving = core is not None and core["site"] == site["id"]
    own = [
        link
        for link in site["premises"]["links"]
        if not arriving and (link["far_port"] or "").rpartition("/")[0] not in devices
    ]
    for link in own or (None,):
        yield SiteLink(
            site=site["id"],
            name=site["name"],
            category=site["category_label"],
            lifecycle=site["lifecycle"],
            link=link["name"] if link else None,
            to=link["to"] if link else None,
            medium=link["medium"] if link else None,
            operator=link["operator"] if link else None,
            rate_mbps=link["rate_mbps"] if link else None,
            far_port=link["far_port"] if link else None,
            vlans=[segment["vlan"] for segment in site["segments"].values()],
            status=link["status"] if link else site["status"],
        )


def _zones(town: Derived) -> Iterator[ZoneLine]:
    places: dict[tuple[str, str], list[str]] = {}
    for site in town.sites.values():
        if site["lifecycle"] != "closed":
            for segment in site["segments"].values():
                places.setdefault((segment["gateway_device"], segment["zone"]), []).append(site["id"])
    for carrier in ("ngfw", "core"):
        for zone in ZONES:
            if here := places.get((carrier, zone)):
                yield ZoneLine(carrier=carrier, zone=zone, segments=len(here), sites=len(set(here)))


def town_layer2(data: NetworkMap, places: Mapping[str, str] = NOWHERE) -> list[Block]:
    """Draw the sites around the core, by kind of link, and list their links."""
    return [
        *drawings("town-l2", "Réseau de niveau 2 de la Ville", _said(data), _things(data), (), _signs, places),
        _links_table(data),
    ]


def _things(data: NetworkMap) -> list[Thing]:
    core = next((link["name"] for link in data["links"] if link["site"] == data["core_site"]), None)
    things = []
    if data["firewall"]:
        things.append(Thing(FIREWALL, data["firewall"], ["pare-feu"], width=104, tint=4))
    under = FIREWALL if data["firewall"] else None
    things.append(Thing(_CORE, data["core"] or "Cœur de réseau", [core] if core else [], under, width=124, tint=0))
    known = {link["site"] for link in data["links"]}
    groups: dict[str, list[SiteLink]] = {}
    for link in data["links"]:
        if link["site"] != data["core_site"]:
            groups.setdefault(_group(link, data["core_site"], known), []).append(link)
    later: list[Thing] = []
    for title, links in sorted(groups.items(), key=lambda group: (group[0] == _NOWHERE, -len(group[1]), group[0])):
        beyond = links[0]["to"] if title not in (_NOWHERE,) and links[0]["to"] in known else None
        if title.startswith("\x00to:") and beyond:
            later += [_site(link, link["to"]) for link in links]
            continue
        name = "Liaison non déclarée" if title == _NOWHERE else title
        things.append(Thing(title, name, [agreed(len(links), "site(s)")], _CORE, sure=title != _NOWHERE, width=136))
        things += [_site(link, title) for link in links]
    placed = {thing.key for thing in things}
    while ready := [thing for thing in later if thing.parent in placed]:
        things += ready
        placed |= {thing.key for thing in ready}
        later = [thing for thing in later if thing not in ready]
    return [*{thing.key: thing for thing in (*things, *later)}.values()]


def _group(link: SiteLink, core: str | None, known: set[str]) -> str:
    """Name the kind of a link; a link to a site other than the core is under that site."""
    if link["link"] is None:
        return _NOWHERE
    if link["to"] in known and link["to"] != core:
        return f"\x00to:{link['to']}"
    return _kind(link) or "Liaison sans support déclaré"


def _kind(link: SiteLink) -> str:
    parts = [link["medium"], link["operator"], notation.rate(link["rate_mbps"])]
    return ", ".join(part for part in parts if part)


def _site(link: SiteLink, under: str | None) -> Thing:
    about = [f"arrivée {link['far_port']}"] if link["far_port"] else []
    about += [f"VLAN {ranges(link['vlans'])}"] if link["vlans"] else []
    about += [notation.LIFECYCLE[link["lifecycle"]]] if link["lifecycle"] != "open" else []
    return Thing(link["site"], link["name"], about, under, bool(link["link"]), width=216, tint=1)


def _said(data: NetworkMap) -> str:
    sites = {link["site"] for link in data["links"]} - {data["core_site"]}
    open_ = {link["site"] for link in data["links"] if link["link"] is None} - {data["core_site"]}
    said = f"{agreed(len(sites), 'site(s)')} autour du cœur"
    return f"{said}, dont {len(open_)} sans liaison déclarée. Le tableau qui suit donne chaque liaison"


def _signs(things: Sequence[Thing], across: Sequence[Across]) -> Iterator[Sign]:
    yield Sign("liaison déclarée", link=True)
    if any(not thing.sure for thing in things):
        yield Sign("site dont rien ne déclare la liaison", link=False)


def _links_table(data: NetworkMap) -> Table:
    names = {link["site"]: link["name"] for link in data["links"]}
    return Table.of(
        "links", "Liaison de chaque site", [link for link in data["links"] if link["site"] != data["core_site"]],
        lambda link: f"{link['site']}/{link['link'] or ''}",
        (Column("site", "Site", 3), lambda link: optional(link["name"])),
        (Column("category", "Catégorie", 2), lambda link: optional(link["category"])),
        (Column("to", "Vers", 2), lambda link: optional(names.get(link["to"] or "", link["to"]) or "non déclaré")),
        (Column("far_port", "Arrivée", code=True), lambda link: optional(link["far_port"])),
        (Column("kind", "Support et débit", 3), lambda link: optional(_kind(link))),
        (Column("vlans", "VLAN", 2, code=True), lambda link: optional(ranges(link["vlans"]))),
        status=lambda link: link["status"],
        empty="Aucun site raccordé.",
    )  # fmt: skip


def town_layer3(data: NetworkMap) -> list[Block]:
    """Draw the routers of the town with their zones, and list interfaces and zones."""
    words = ", ".join(f"{line['segments']} segments en zone {notation.ZONE[line['zone']]}" for line in data["zones"])
    things = list(_routed(data))
    drawn = drawings("town-l3", "Réseau de niveau 3 de la Ville", words or "Aucun segment", things, (), zone_signs)
    return [*drawn, _hops_table(data), _zones_table(data)]


def _routed(data: NetworkMap) -> Iterator[Thing]:
    named: Mapping[str, str | None] = {"ngfw": data["firewall"], "core": data["core"]}
    words = {"ngfw": "pare-feu", "core": "cœur de réseau"}
    carriers = [carrier for carrier in named if named[carrier] or _carried(data, carrier)]
    for carrier in carriers:
        under = "\x00ngfw" if carrier == "core" and "ngfw" in carriers else None
        about = [words[carrier]]
        for hop in data["hops"]:
            if hop["router"] == named[carrier]:
                about += [f"{hop['name']} : {hop['address']}", hop["subnet"]]
        yield Thing(f"\x00{carrier}", named[carrier] or words[carrier], about, under, frame=True)
    for line in data["zones"]:
        counted = f"{agreed(line['segments'], 'segment(s)')} de {agreed(line['sites'], 'site(s)')}"
        tint = ZONES[line["zone"]]  # type: ignore[index]
        title = f"Zone : {notation.ZONE[line['zone']]}"
        under = f"\x00{line['carrier']}"
        yield Thing(f"{line['carrier']}/{line['zone']}", title, [counted], under, width=196, tint=tint)


def _carried(data: NetworkMap, carrier: str) -> bool:
    return any(line["carrier"] == carrier for line in data["zones"])


def _hops_table(data: NetworkMap) -> Table:
    return Table.of(
        "hops", "Interfaces des routeurs qui ne sont d’aucun site", data["hops"],
        lambda hop: f"{hop['router']}/{hop['name']}",
        (Column("router", "Routeur", 1), lambda hop: optional(hop["router"])),
        (Column("name", "Interface", 1), lambda hop: optional(hop["name"])),
        (Column("subnet", "Sous-réseau", code=True), lambda hop: optional(hop["subnet"])),
        (Column("address", "Adresse", code=True), lambda hop: optional(hop["address"])),
        (Column("vlan", "VLAN", code=True), lambda hop: optional(hop["vlan"])),
        empty="Aucun routage déclaré.",
    )  # fmt: skip


def _zones_table(data: NetworkMap) -> Table:
    return Table.of(
        "zones", "Segments de chaque zone, par passerelle", data["zones"],
        lambda line: f"{line['carrier']}/{line['zone']}",
        (Column("zone", "Zone", 2), lambda line: optional(notation.ZONE[line["zone"]])),
        (Column("carrier", "Passerelle", 2), lambda line: optional(notation.GATEWAY[line["carrier"]])),
        (Column("segments", "Segments", 1), lambda line: optional(str(line["segments"]))),
        (Column("sites", "Sites", 1), lambda line: optional(str(line["sites"]))),
        empty="Aucun segment.",
    )  # fmt: skip
