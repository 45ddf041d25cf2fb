"""Engines of the firewall and tunnels, as the SMC reports, against the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.sites.living.seen import Faults, Reading, Seen
from piste.systems.forcepoint.intent import smc_intent
from piste.systems.forcepoint.living import doubts

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived

DOMAIN = "Pare-feu"
STANDING, FALLEN = ("OK", "IDLE"), ("ERROR", "WARNING", "PARTIAL_OK")


def firewall(town: Derived, site: Site, reading: Reading) -> Iterator[Seen]:
    """Judge the engines that filter for a site; the tunnels, at the site of the core."""
    if town.commune is None or site["engine"] is None:
        return
    wanted = {entry["engine"].partition("/")[2]: entry["policy"] for entry in smc_intent(town.commune)["installations"]}
    if wanted:
        yield _engines(wanted, reading)
    if site["core"] and site["core"]["site"] == site["id"] and (reading.parts.get("tunnels") or reading.why):
        yield _tunnels(reading)


def _engines(wanted: Mapping[str, str], reading: Reading) -> Seen:
    id_, title, requirements = "living.engines", "Moteurs en ligne, politique installée", ("R019", "R003", "R067")
    expected = f"{', '.join(wanted)} : chaque nœud en ligne, sa politique installée, rien en attente"
    at = reading.read_at
    if why := reading.unread("engines"):
        return Seen(id_, DOMAIN, title, requirements, expected, "pas lu", "unknown", why, None, at)
    faults, here = Faults(), {name: reading.parts["engines"].get(name) for name in wanted}
    for name, engine in here.items():
        wrong, unknown = doubts(name, engine, wanted[name])
        faults.wrong += wrong
        faults.unknown += unknown
    nodes = [node for engine in here.values() for node in (engine or {}).get("nodes", ())]
    moments = [node["installed_at"] for node in nodes if node["installed_at"]]
    last = f", politique installée le {notation.moment(max(moments))}" if moments else ""
    observed = faults.said(f"{agreed(len(nodes), 'nœud(s)')} en ligne{last}")
    proof = {"engines": here, "read_at": at}
    return Seen(
        id_, DOMAIN, title, requirements, expected, observed, faults.verdict, "", proof, at, wrong=faults.lines
    )


def _tunnels(reading: Reading) -> Seen:
    id_, title, requirements, at = "living.tunnels", "Tunnels en service", ("R019", "R067"), reading.read_at
    expected = "chaque tunnel en service"
    if why := reading.unread("tunnels"):
        return Seen(id_, DOMAIN, title, requirements, expected, "pas lu", "unknown", why, None, at)
    faults, tunnels = Faults(), reading.parts["tunnels"]
    for tunnel in tunnels:
        if tunnel["monitoring"] in FALLEN:
            faults.wrong.append(f"{tunnel['name']} : {tunnel['monitoring']}")
        elif tunnel["monitoring"] not in STANDING:
            faults.unknown.append(f"{tunnel['name']} : le SMC n’en dit pas l’état")
    proof = {"tunnels": tunnels, "read_at": at}
    observed = faults.said(agreed(len(tunnels), "tunnel(s)"))
    return Seen(id_, DOMAIN, title, requirements, expected, observed, faults.verdict, "", proof, at)
