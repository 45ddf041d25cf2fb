"""The maps of the town: links of ports (L2), routed subnets (L3), flows, as data; drawings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Row, Table
from piste.papers.dossier.blocks import Block, Drawing
from piste.papers.dossier.drawn.cabling import RADIO, cabling
from piste.papers.dossier.drawn.layer2 import layer2
from piste.papers.dossier.drawn.layer3 import layer3
from piste.papers.dossier.drawn.reach import reach_blocks
from piste.papers.dossier.drawn.town import network_map, town_layer2, town_layer3
from piste.papers.drawings.canvas import alone
from piste.sites.crossings import crossings
from piste.sites.dossiers import declared
from piste.sites.flows import Picture, Rules, declared_rules
from piste.sites.populations import populations
from piste.town.model import Town

_JOINING = ("uplink", RADIO)
"""The profiles of ports with more network behind them."""


def _l2(contents: Contents, town: Town) -> Iterator[Row]:
    live = {(item["serial"], item["port_id"]): item for _, item in contents.of("network", "switch_ports")}
    for site, derived in town.sites.items():
        for device in derived["devices"]:
            for port in device["ports"]:
                if port["profile"] in _JOINING:
                    read = live.get((device["serial"], port["port"]), {})
                    yield {
                        "site": site,
                        "device": device["name"],
                        "port": port["port"],
                        "role": port["profile"],
                        "native_vlan": read.get("vlan", port["vlan"]),
                        "tagged_vlans": read.get("allowed_vlans", port["allowed_vlans"]),
                        "observed": bool(read),
                    }


def _l3(contents: Contents, town: Town) -> Iterator[Row]:
    for site, derived in town.sites.items():
        for segment in derived["segments"].values():
            yield {
                "subnet": segment["subnet"],
                "site": site,
                "segment": segment["key"],
                "vlan": segment["vlan"],
                "gateway": segment["gateway"],
                "router": segment["gateway_device"],
                "zone": segment["zone"],
            }


def _picture(contents: Contents, town: Town) -> Picture:
    """Picture the filters once, for all the maps."""
    contents.picture = contents.picture or _filters(contents, town)
    return contents.picture


def _filters(contents: Contents, town: Town) -> Picture:
    """Picture the filters by the rules read, else by those of the declaration."""
    if {"firewall", "network"} & contents.unread.keys():
        return Picture(town, declared_rules(town))
    ssids: dict[str, list[dict[str, object]]] = {site: [] for site in town.sites}
    for site, ssid in contents.of("network", "ssids"):
        if site in town.sites:
            ssids[site].append(dict(ssid))
    elements = [item for _, item in contents.of("firewall", "elements")]
    policies = [item for _, item in contents.of("firewall", "policies")]
    in_service = {site: here for site, here in ssids.items() if here}
    lists = {
        site: (settings.get("access_lists") or {}).get("rules") or []
        for site, settings in contents.of("network", "network_settings")
    }
    return Picture(town, Rules(elements, policies, in_service, lists))


def _flows(contents: Contents, town: Town) -> Iterator[Row]:
    yield from (row._asdict() for row in _picture(contents, town).rows())


def _populations(contents: Contents, town: Town) -> Iterator[Row]:
    for here in populations(town, _picture(contents, town)):
        reached = [f"{', '.join(row.destinations)} ({', '.join(row.services)})" for row in here.reaches]
        yield {**here._asdict(), "reaches": list(dict.fromkeys(reached))}


def _isolation(contents: Contents, town: Town) -> Iterator[Row]:
    yield from (judged._asdict() for judged in _picture(contents, town).judged())


def drawn(contents: Contents, town: Town) -> Iterator[tuple[str, str]]:
    """Yield each drawn map with the name of its file: the town, then its sites."""
    whole = network_map(town)
    yield from _files([*town_layer2(whole), *town_layer3(whole)])
    yield from _files(reach_blocks(crossings(town, _picture(contents, town))))
    for name, site in town.sites.items():
        about = declared(town, name)
        yield from _files([*layer2(name, site["name"], cabling(about)), *layer3(name, site)])


def _files(blocks: Iterable[Block]) -> Iterator[tuple[str, str]]:
    yield from ((f"{block.key}.svg", alone(block.svg)) for block in blocks if isinstance(block, Drawing))


MAPS: tuple[Table, ...] = (
    Table("l2", _l2),
    Table("l3", _l3),
    Table("flows", _flows),
    Table("populations", _populations),
    Table("isolation", _isolation),
)
