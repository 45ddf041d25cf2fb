"""Trials of services: each application, from the places whose users the flows let reach it.

Pure. On premise it is tried at its `url`, else at a port of its flows; in the cloud at a `url` that is confirmed: an
example may be another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from piste.town.model.flows.traffic import addresses
from piste.trials.probe.trial import Trial, question
from piste.trials.probe.ways import Port, Ways, services

if TYPE_CHECKING:
    from piste.town.model.applications import Application
    from piste.town.model.flows.reach import Access

KIND = "service"
_WEB = 443
_REQUIREMENTS = ("R067", "R081")


class Door(NamedTuple):
    """The door of a service: the rule that leads there, the host, its address, the port.

    The address is empty in the cloud; without a `path` no page is known, and the port alone is tried.
    """

    rule: str
    host: str
    address: str
    port: int
    path: str = ""


def offered(entry: Application) -> str:
    """Say why nothing tries an application, whatever the place; empty where something may."""
    if entry["hosting"] == "saas" and not entry["url"]:
        return "adresse à renseigner (url)"
    if entry["hosting"] == "saas" and entry["status"]:
        return "adresse à confirmer (status)"
    if entry["hosting"] == "on_premise" and not entry["hosts"]:
        return "machine à renseigner (machines)"
    if entry["hosting"] == "on_premise" and not entry["flows"]:
        return "aucun flux déclaré n’y mène (flows)"
    return ""


def tried(applications: Iterable[Application]) -> list[Application]:
    """List the services to try: what is in use, each product once."""
    return [entry for entry in applications if entry["state"] != "decommissioned" and not entry["same_as"]]


def trials(ways: Ways, access: Access, resolvers: Sequence[str], zone: str, outside: str) -> Iterator[Trial]:
    """Yield a trial of each service that the users of a place have."""
    assert ways.town.commune is not None
    for entry in tried(ways.town.commune["applications"]):
        if offered(entry) or entry["site"] not in (None, access.site) or access.zone == "invite":
            continue
        door = _door(ways, access, entry, zone, outside)
        if door is None:
            continue
        more: dict[str, Any] = {"host": door.host, "port": door.port, "dns": list(resolvers)}
        if door.path:
            more |= {"page": True, "path": door.path, "shows": entry["shows"] or ""}
        trial = f"{KIND}.{entry['id']}"
        expected = f"https://{door.host}{door.path} s’ouvre" if door.path else f"répond sur tcp/{door.port}"
        want = {"address": door.address, "rule": door.rule, "machines": entry["machines"], "sign_in": entry["sign_in"],
                "shows": entry["shows"] or ""}  # fmt: skip
        asked = (question(trial, KIND, door.address, **more),)
        yield Trial(trial, KIND, entry["label"], expected, _REQUIREMENTS, asked, want)


def _door(ways: Ways, access: Access, entry: Application, zone: str, outside: str) -> Door | None:
    """Find the door that the flows open to a place; None where the users are elsewhere."""
    parts = urlsplit(entry["url"] or "")
    port, path = parts.port or _WEB, parts._replace(scheme="", netloc="", fragment="").geturl()
    if entry["hosting"] == "saas":
        rule = ways.passes(access, outside, Port("tcp", port))
        return Door(rule, parts.hostname or "", "", port, path or "/") if rule else None
    machine = entry["hosts"][0]
    if parts.hostname:
        rule = ways.passes(access, machine["address"], Port("tcp", port))
        return Door(rule, parts.hostname, machine["address"], port, path or "/") if rule else None
    for reached in ways.flows(access):
        rule = reached.rules[-1].id
        if rule.partition(".")[0] in entry["flows"] and addresses(machine["address"]) <= reached.box.destinations:
            opened = [service.port for service, _ in services(reached.box.services) if service.protocol == "tcp"]
            if opened:
                host = f"{machine['name']}.{zone}" if zone else machine["address"]
                return Door(rule, host, machine["address"], _WEB if _WEB in opened else opened[0])
    return None
