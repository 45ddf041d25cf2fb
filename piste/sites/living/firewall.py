"""Engines of the firewall and tunnels, as the SMC reports, against the declaration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.sites.living.seen import Faults, Reading, Seen
from piste.systems.forcepoint.intent import smc_intent

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived

DOMAIN = "Pare-feu"
ONLINE = ("Online", "Locked Online")
STANDBY = ("Standby", "Going Standby", "Going Online", "Going Locked Online")
"""States of a node of a cluster whose other nodes work; a node that goes on line is not there yet."""
UNSEEN = ("Unknown", "Not Monitored")
REPORTING = ("READY", "ONLINE", "DUMMY")
"""States of a monitoring that hears its node: `ONLINE` is that of the link `status` [read in vendor code]."""
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
        _engine(name, engine, wanted[name], faults)
    nodes = [node for engine in here.values() for node in (engine or {}).get("nodes", ())]
    moments = [node["installed_at"] for node in nodes if node["installed_at"]]
    last = f", politique installée le {notation.moment(max(moments))}" if moments else ""
    observed = faults.said(f"{agreed(len(nodes), 'nœud(s)')} en ligne{last}")
    proof = {"engines": here, "read_at": at}
    return Seen(id_, DOMAIN, title, requirements, expected, observed, faults.verdict, "", proof, at)


def _engine(name: str, engine: Mapping[str, Any] | None, policy: str, faults: Faults) -> None:
    if engine is None:
        faults.wrong.append(f"{name} n’est pas dans le SMC")
        return
    nodes: Sequence[Mapping[str, Any]] = engine["nodes"]
    working = any(node["state"] in ONLINE for node in nodes)
    for node in nodes:
        if node["configuration"] != "Installed" or node["policy"] is None:
            faults.wrong.append(f"{node['name']} : aucune politique installée")
        elif node["monitoring"] not in REPORTING or node["state"] in UNSEEN:
            faults.unknown.append(f"{node['name']} : le SMC n’en a pas de nouvelles ({node['state']})")
        elif node["state"] not in ONLINE and not (working and node["state"] in STANDBY):
            faults.wrong.append(f"{node['name']} : {node['state']}")
        if node["policy"] not in (None, policy):
            faults.wrong.append(f"{node['name']} : {node['policy']} y est installée, non {policy}")
    if not nodes:
        faults.unknown.append(f"{name} : aucun nœud visible")
    if engine["pending"] and any(node["policy"] for node in nodes):
        faults.wrong.append(f"{name} : {agreed(engine['pending'], 'modification(s)')} à installer")


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
