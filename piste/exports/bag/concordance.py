"""Concordance of the assets with the systems (F10): each as it was read, where it could be.

An asset that no system could tell is unknown: it has a count of its own, and is in no denominator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from piste.exports.bag.contents import NEXUS, Contents
from piste.exports.bag.tables import observed_models
from piste.town.model import Town
from piste.town.model.assets.derived import Asset

F10_TARGET = 98.0
_SERVING = ("open", "closing")
_OF_THE_DOMAIN = ("desktop", "laptop", "public", "school", None)
"""Variants of a computer that have an account in the directory."""


@dataclass(slots=True)
class Compared:
    """A class of things: declared and read, by key; `unknown` counts what could not be read."""

    name: str
    declared: dict[str, Any] = field(default_factory=dict)
    live: dict[str, Any] = field(default_factory=dict)
    unknown: int = 0

    @property
    def both(self) -> set[str]:
        return self.declared.keys() & self.live.keys()

    @property
    def equal(self) -> set[str]:
        return {key for key in self.both if self.declared[key] == self.live[key]}


def compared(contents: Contents, town: Town) -> Iterator[Compared]:
    """Compare each class that Piste can read."""
    yield from _devices(contents, town)
    yield _nexus(contents, town)
    yield _by_name("firewall", _assets(town, "firewall"), _engines(contents))
    yield _nodes(contents, town)
    yield _machines(contents, town)
    yield _computers(contents, town)
    yield _queues(contents, town)
    yield _clients(contents, town)


def _assets(town: Town, kind: str) -> list[Asset]:
    return [asset for asset in town.assets if asset["kind"] == kind and asset["state"] == "in_service"]


def _devices(contents: Contents, town: Town) -> Iterator[Compared]:
    """Compare devices by serial number: site and model; those of an unread site are unknown."""
    unread = contents.unread.get("network", {})
    models = observed_models(contents)
    seen = () if "places" in unread else contents.of("network", "devices")
    live = {item["serial"]: (site, models.get(item["serial"])) for site, item in seen}
    known = {device["serial"]: device["kind"] for site in town.sites.values() for device in site["devices"]}
    for kind in ("switch", "access_point"):
        whole = Compared(kind)
        for name, site in town.sites.items():
            if site["lifecycle"] not in _SERVING:
                continue
            devices = [device for device in site["devices"] if device["kind"] == kind]
            if name in unread or "places" in unread:
                whole.unknown += len(devices)
            else:
                whole.declared |= {device["serial"]: (name, device["model"]) for device in devices}
        # A device that nothing declares has the class of its model.
        for serial, place in live.items():
            if known.get(serial, _class_of(place[1], town)) == kind:
                whole.live[serial] = place
        yield whole


def _class_of(model: str | None, town: Town) -> str:
    entry = town.hardware.get(model or "")
    if entry is not None:
        return entry["kind"]
    return "access_point" if (model or "").startswith(("MR", "CW")) else "switch"


def _nexus(contents: Contents, town: Town) -> Compared:
    """Compare the Nexus by their configurations: a Nexus without a file did not answer."""
    place = contents.folder / NEXUS
    if not place.is_dir():
        place = contents.folder.parent / NEXUS
    assets = {asset["name"]: True for asset in _assets(town, "core_switch")}
    live = {path.stem: True for path in place.glob("*.txt")}
    read = {name: True for name in assets if name in live}
    return Compared("core_switch", read, live, len(assets) - len(read))


def _by_name(kind: str, assets: list[Asset], live: Mapping[str, Any] | None) -> Compared:
    """Compare by presence under the name."""
    if live is None:
        return Compared(kind, unknown=len(assets))
    return Compared(kind, {asset["name"]: True for asset in assets}, dict.fromkeys(live, True))


def _engines(contents: Contents) -> dict[str, bool] | None:
    """Name the members of each engine as the assets do: `fw-hdv-1`, or the engine alone."""
    if (engines := contents.beside.get("engines")) is None:
        return None
    names: dict[str, bool] = {}
    for item in engines:
        count = len(item["living"]["nodes"])
        members = [f"{item['engine']}-{number}" for number in range(1, count + 1)] if count > 1 else [item["engine"]]
        names |= dict.fromkeys(members, True)
    return names


def _nodes(contents: Contents, town: Town) -> Compared:
    """Compare the nodes of the cluster: name and serial number; other servers are in no system."""
    hosting = town.commune["hosting"] if town.commune else None
    servers = {asset["name"] for asset in _assets(town, "server")}
    nodes = [node for node in (hosting["nodes"] if hosting else ()) if node["name"] in servers]
    clusters = contents.beside.get("clusters")
    others = len(servers) - len(nodes)
    if clusters is None:
        return Compared("server", unknown=len(servers))
    live = {node["name"]: node.get("serial") for cluster in clusters for node in cluster["nodes"]}
    return Compared("server", {node["name"]: node["serial"] for node in nodes}, live, others)


def _machines(contents: Contents, town: Town) -> Compared:
    hosting = town.commune["hosting"] if town.commune else None
    machines = hosting["machines"] if hosting else []
    if "hosting" in contents.unread:
        return Compared("virtual_machine", unknown=len(machines))
    declared = {
        machine["name"]: (machine["vcpus"], f"{machine['memory_gib']} GiB", machine["network"]) for machine in machines
    }
    live = {
        item["name"]: (item["num_sockets"] * item["num_cores_per_socket"], item["memory"], ", ".join(item["nics"]))
        for _, item in contents.of("hosting", "vms")
    }
    return Compared("virtual_machine", dict(declared), dict(live))


def _computers(contents: Contents, town: Town) -> Compared:
    """Compare the computers of the domain by their account; a disabled account is no presence."""
    computers = _assets(town, "computer")
    joined = [asset for asset in computers if asset["variant"] in _OF_THE_DOMAIN]
    accounts = contents.beside.get("computers")
    if accounts is None:
        return Compared("computer", unknown=len(computers))
    others = {asset["name"].casefold() for asset in town.assets} - {asset["name"].casefold() for asset in joined}
    live = {account["name"].casefold(): True for account in accounts if account["enabled"]}
    live = {name: True for name in live if name not in others}
    return Compared(
        "computer", {asset["name"].casefold(): True for asset in joined}, live, len(computers) - len(joined)
    )


def _queues(contents: Contents, town: Town) -> Compared:
    declared = {
        queue["name"]: queue["settings"].get("duplexing")
        for site in town.sites.values()
        for queue in (site["printing"] or {"queues": ()})["queues"]
    }
    if "printing" in contents.unread:
        return Compared("print_queue", unknown=len(declared))
    live = {item["name"]: item.get("duplexing") for _, item in contents.of("printing", "print_queues")}
    return Compared("print_queue", dict(declared), live)


def _clients(contents: Contents, town: Town) -> Compared:
    declared = {
        client["name"]: client["address"]
        for site in town.sites.values()
        for client in (site["access"] or {"clients": ()})["clients"]
    }
    if "access" in contents.unread:
        return Compared("radius_client", unknown=len(declared))
    live = {item["name"]: item.get("address") for _, item in contents.of("access", "radius_clients")}
    return Compared("radius_client", dict(declared), live)
