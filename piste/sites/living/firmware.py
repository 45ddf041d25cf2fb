"""Versions that run, against the approved list: devices of a site, engines, cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from piste.engine.finding import State
from piste.papers.dossier import notation
from piste.sites.living.seen import Faults, Reading, Seen
from piste.town.model.firmware import ENGINE, HYPERVISOR, NEXUS, STORAGE, class_of

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived
    from piste.town.model.firmware import Approved

ID, DOMAIN, TITLE, REQUIREMENTS = "firmware", "Versions", "Versions approuvées", ("R083", "R088")


class Running(NamedTuple):
    """A thing and the version that it runs; `why` says why no version is known."""

    name: str
    model: str
    version: str | None
    why: str = ""


class Compared(NamedTuple):
    """A thing beside the entry of the approved list that it follows.

    `said` is empty where its version is approved.
    """

    thing: Running
    followed: str | None
    entry: Approved | None
    state: State
    said: str = ""


def compared(thing: Running, approved: Mapping[str, Approved]) -> Compared:
    """Compare a version with the approved list."""
    followed = class_of(thing.model, approved)
    entry = approved[followed] if followed else None
    state: State = "unknown"
    if thing.version is None:
        said = thing.why or "version inconnue"
    elif entry is None:
        said = f"aucune version approuvée pour {thing.model}"
    elif not entry["approved"]:
        said = f"versions proposées, non approuvées (firmware[{followed}].approved)"
    elif thing.version in entry["versions"]:
        state, said = "ok", ""
    else:
        state, said = "wrong", f"en {thing.version}, non {' ni '.join(entry['versions'])}"
    return Compared(thing, followed, entry, state, said)


def of_site(town: Derived, site: Site, readings: Mapping[str, Reading]) -> Iterator[Running]:
    """Yield what runs at a site: devices, engines, Nexus."""
    yield from _devices(site, readings["meraki"])
    yield from _engines(town, site, readings["smc"])
    yield from _nexus(town, site, readings["nexus"])


def firmware(town: Derived, site: Site, hosted: bool, readings: Mapping[str, Reading]) -> Seen:
    """Judge the versions of what serves a site."""
    approved = town.firmware
    expected = "chaque version est une version approuvée"
    if not any(entry["approved"] for entry in approved.values()):
        why = "aucune version n’est approuvée : déclarez « firmware », et le jour de la décision (approved)"
        return Seen(ID, DOMAIN, TITLE, REQUIREMENTS, expected, "pas essayé", "untested", why)
    faults, current, proof = Faults(), 0, list[dict[str, Any]]()
    running = [*of_site(town, site, readings), *(of_cluster(town, readings["prism"]) if hosted else ())]
    for thing in running:
        each = compared(thing, approved)
        proof.append({**thing._asdict(), "class": each.followed, "approved": each.entry})
        if each.state == "ok":
            current += 1
        elif each.state == "unknown":
            faults.unknown.append(f"{thing.name} : {each.said}")
        else:
            faults.add(thing.name, f" {each.said}", gravity="minor")
    if not running:
        return Seen(ID, DOMAIN, TITLE, REQUIREMENTS, expected, "rien à comparer", "untested", "aucun équipement")
    share = notation.measure(100 * current / len(running), "%", 1)
    at = readings["meraki"].read_at or readings["smc"].read_at or readings["prism"].read_at
    observed = f"{current} sur {len(running)} à jour ({share})"
    said = faults.said("")
    observed = f"{observed} : {said}" if said else observed
    moments = {name: reading.read_at for name, reading in readings.items()}
    evidence = {"running": proof, "current": current, "read_at": moments}
    return Seen(ID, DOMAIN, TITLE, REQUIREMENTS, expected, observed, faults.verdict, "", evidence, at, faults.each)


def _devices(site: Site, reading: Reading) -> Iterator[Running]:
    why, known = reading.unread("devices"), reading.parts.get("devices") or {}
    for device in site["devices"]:
        live = known.get(device["serial"]) or {}
        said = why or ("" if live else "n’est dans aucun réseau du Dashboard")
        yield Running(device["name"], device["model"], live.get("firmware"), said)


def _engines(town: Derived, site: Site, reading: Reading) -> Iterator[Running]:
    engine = site["engine"]
    if town.commune is None or engine is None:
        return
    why, live = reading.unread("engines"), (reading.parts.get("engines") or {}).get(engine["name"]) or {}
    nodes = live.get("nodes", ())
    if not nodes:
        yield Running(engine["name"], ENGINE, None, why or "n’est pas dans le SMC")
    for node in nodes:
        yield Running(node["name"], ENGINE, node["version"])


def of_cluster(town: Derived, reading: Reading) -> Iterator[Running]:
    """Yield the cluster and its nodes; none where no hosting is declared."""
    hosting = town.commune["hosting"] if town.commune else None
    if hosting is None:
        return
    why, nodes = reading.unread("nodes"), reading.parts.get("nodes") or {}
    clusters = reading.parts.get("clusters") or {}
    yield Running(hosting["cluster"], STORAGE, clusters.get(hosting["cluster"]), reading.unread("clusters"))
    for node in hosting["nodes"]:
        yield Running(node["name"], HYPERVISOR, (nodes.get(node["name"]) or {}).get("version"), why)


def _nexus(town: Derived, site: Site, reading: Reading) -> Iterator[Running]:
    switches = town.commune["nexus"]["switches"] if town.commune else []
    for switch in switches:
        if switch["site"] == site["id"]:
            version = (reading.parts.get("versions") or {}).get(switch["name"])
            yield Running(switch["name"], NEXUS, version, reading.unread(switch["name"]))
