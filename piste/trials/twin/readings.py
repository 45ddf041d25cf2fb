"""Readings of the systems, as `playbooks/read_twin.yml` leaves them in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from piste.engine.converge.bounded import Unreadable, content, of_yaml
from piste.runs.plans.projected import WHOLE, Holdings
from piste.systems.kinds import of_domain

Item = Mapping[str, Any]


@dataclass(slots=True)
class Readings:
    """Readings in the normal form of exports; `missing` says what was not read, and why.

    `networks` has the kinds of the network of each site, `cables` what the ports of switches hear of their neighbours
    (`serial`, `port`, `to`, `to_port`), `nexus` the configuration of each Nexus as text.
    """

    networks: dict[str, dict[str, list[Item]]] = field(default_factory=dict)
    cables: list[Item] = field(default_factory=list)
    routed_interfaces: list[Item] = field(default_factory=list)
    static_routes: list[Item] = field(default_factory=list)
    engine_interfaces: list[Item] = field(default_factory=list)
    engine_routes: list[Item] = field(default_factory=list)
    elements: list[Item] = field(default_factory=list)
    policies: list[Item] = field(default_factory=list)
    installed: str | None = None
    scopes: list[Item] = field(default_factory=list)
    records: list[Item] = field(default_factory=list)
    zones: list[Item] = field(default_factory=list)
    network_policies: list[Item] = field(default_factory=list)
    connection_request_policies: list[Item] = field(default_factory=list)
    radius_clients: list[Item] = field(default_factory=list)
    nexus: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


FILES = {
    "cables": ("network/cables.yml", "câblage (LLDP)"),
    "routed_interfaces": ("routing/routed_interfaces.yml", "interfaces routées"),
    "static_routes": ("routing/static_routes.yml", "routes des commutateurs"),
    "engine_interfaces": ("firewall/engine_interfaces.yml", "interfaces du pare-feu"),
    "engine_routes": ("firewall/engine_routes.yml", "routes du pare-feu"),
    "elements": ("firewall/elements.yml", "éléments du pare-feu"),
    "policies": ("firewall/policies.yml", "règles du pare-feu"),
    "scopes": ("addressing/scopes.yml", "étendues DHCP"),
    "records": ("names/records.yml", "enregistrements DNS"),
    "zones": ("names/zones.yml", "zones DNS"),
    "network_policies": ("access/network_policies.yml", "stratégies NPS"),
    "connection_request_policies": ("access/connection_request_policies.yml", "demandes de connexion NPS"),
    "radius_clients": ("access/radius_clients.yml", "clients RADIUS"),
}


def read(folder: Path, sites: list[str]) -> Readings:
    """Read the folder; what is absent or illegible is named in `missing`, and never guessed."""
    readings = Readings()
    for site in sites:
        document = _document(folder / "network" / f"{site}.yml", f"réseau de {site}", readings.missing)
        if document is not None:
            kinds = {name: value for name, value in document.items() if isinstance(value, list)}
            if not kinds.get("networks"):
                readings.missing.append(f"réseau de {site} : il n’y en a pas")
            readings.networks[site] = {name: _items(value) for name, value in kinds.items()}
    for name, (path, what) in FILES.items():
        document = _document(folder / path, what, readings.missing)
        if document is not None:
            setattr(readings, name, _items(document.get(name)))
    system = _document(folder / "firewall" / "system.yml", "éléments du système du pare-feu", readings.missing)
    readings.elements += _items((system or {}).get("system"))
    installed = _document(folder / "firewall" / "installations.yml", "politique installée", readings.missing)
    policies = {str(item.get("policy") or "") for item in _items((installed or {}).get("installations"))} - {""}
    readings.installed = policies.pop().rpartition("/")[2] if len(policies) == 1 else None
    for file in sorted((folder / "nexus").glob("*.txt")):
        try:
            readings.nexus[file.stem] = content(file).decode()
        except (Unreadable, UnicodeDecodeError) as error:
            readings.missing.append(f"Nexus {file.stem} : {error}")
    return readings


def holdings(readings: Readings) -> Holdings:
    """Give what was read under the names that operations have: options by kind and holder."""
    known = {}
    for kind in of_domain("network"):
        if by_site := {site: items[kind.name] for site, items in readings.networks.items() if kind.name in items}:
            known[kind.table.name] = by_site
    for name, table in _whole().items():
        if not any(line.startswith(f"{FILES[name][1]} : ") for line in readings.missing):
            known[table] = {WHOLE: getattr(readings, name)}
    return known


def holding(readings: Readings, known: Holdings) -> Readings:
    """Give readings in which the systems have other holdings."""
    tables = {kind.name: kind.table.name for kind in of_domain("network")}
    networks = {
        site: {name: list(known.get(tables.get(name, ""), {}).get(site, items)) for name, items in kinds.items()}
        for site, kinds in readings.networks.items()
    }
    whole: dict[str, Any] = {name: list(known[table][WHOLE]) for name, table in _whole().items() if table in known}
    return replace(readings, networks=networks, **whole)


def _whole() -> dict[str, str]:
    """Name the kind of what is read for the whole town, by its field."""
    domains = {name: path.partition("/")[0] for name, (path, _) in FILES.items()}
    return {name: kind.table.name for name, at in domains.items() for kind in of_domain(at) if kind.name == name}


def _items(value: Any) -> list[Item]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _document(path: Path, what: str, missing: list[str]) -> Mapping[str, Any] | None:
    if not path.is_file():
        missing.append(f"{what} : pas lu")
        return None
    try:
        document = of_yaml(content(path))
    except Unreadable as error:
        missing.append(f"{what} : ne se lit pas ({error})")
        return None
    if not isinstance(document, Mapping):
        missing.append(f"{what} : n’est pas un dictionnaire")
        return None
    return document
