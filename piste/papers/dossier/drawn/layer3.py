"""The networks of a site at level 3: segments and zones under the router of their gateway."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Drawing
from piste.papers.dossier.drawn.parts import drawings
from piste.papers.drawings.graph import Across, Sign, Thing
from piste.town.model import Site
from piste.town.model.addressing.form import Zone

ZONES: Mapping[Zone, int] = {"interne": 0, "pedagogique": 1, "public": 2, "invite": 3, "externe": 4}
"""The ground of each zone; its name is written in each box."""
_FIREWALL, _CORE = "\x00ngfw", "\x00core"


def layer3(key: str, site: Site) -> list[Drawing]:
    """Draw the segments of a site under the router that has their gateway."""
    gateways = site["gateways"]
    if not gateways:
        return []
    engine, core, carriers = site["engine"], site["core"], {gateway["carrier"] for gateway in gateways}
    things: list[Thing] = []
    if "ngfw" in carriers:
        about = ["pare-feu", f"grappe de {engine['nodes']}" if engine["nodes"] > 1 else ""] if engine else []
        things.append(Thing(_FIREWALL, engine["name"] if engine else "Pare-feu", list(filter(None, about)), frame=True))
    if "core" in carriers:
        name = (core["stack"] if core else None) or "Cœur de réseau"
        under = _FIREWALL if "ngfw" in carriers else None
        things.append(Thing(_CORE, name, ["cœur de réseau"], under, frame=True))
    for gateway in gateways:
        zone = site["segments"][gateway["segment"]]["zone"]
        about = [
            f"VLAN {gateway['vlan']} · {gateway['subnet']}",
            f"passerelle {gateway['address']}",
            f"zone : {notation.ZONE[zone]}",
        ]
        under = _FIREWALL if gateway["carrier"] == "ngfw" else _CORE
        things.append(Thing(gateway["segment"], gateway["label"], about, under, width=196, tint=ZONES[zone]))
    caption = f"Réseau de niveau 3 : {site['name']}"
    return drawings(f"{key}-l3", caption, _words(site), things, (), zone_signs)


def _words(site: Site) -> str:
    carried = Counter(gateway["carrier"] for gateway in site["gateways"])
    parts = [
        f"{agreed(carried[carrier], 'segment(s)')} dont la passerelle est au {notation.GATEWAY[carrier]}"
        for carrier in ("ngfw", "core")
        if carried[carrier]
    ]
    return f"{' ; '.join(parts)}. Le tableau des VLAN du site donne les mêmes adresses"


def zone_signs(things: Sequence[Thing], across: Sequence[Across]) -> Iterator[Sign]:
    """Yield the ground of each zone in a drawing."""
    used = {thing.tint for thing in things}
    for zone, tint in ZONES.items():
        if tint in used:
            yield Sign(f"zone : {notation.ZONE[zone]}", tint=tint)
