"""Trials of services: each application, from the places whose users the flows let reach it.

Pure. On premise it is tried at its `url`, else at a port of its flows; in the cloud at a `url` that is confirmed: an
example may be another's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from piste.town.model.applications import PORTS
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
    machine: str = ""


def offered(entry: Application) -> str:
    """Say why nothing tries an application, whatever the place; empty where something may."""
    if entry["hosting"] == "saas" and not entry["url"]:
        return "adresse à renseigner"
    if entry["hosting"] == "saas" and entry["status"]:
        return "adresse à confirmer"
    if entry["hosting"] == "on_premise" and not entry["hosts"]:
        return "machine à renseigner"
    if entry["hosting"] == "on_premise" and not entry["flows"]:
        return "aucun flux déclaré n’y mène"
    return ""


def tried(applications: Iterable[Application]) -> list[Application]:
    """List the services to try: what is in use, each product once."""
    return [entry for entry in applications if entry["state"] != "decommissioned" and not entry["same_as"]]


def trials(
    ways: Ways, access: Access, resolvers: Sequence[str], zone: str, outside: str, *, port_alone: bool = False
) -> Iterator[Trial]:
    """Yield a trial of each service that the users of a place have, with a question a machine.

    `port_alone`: what answers there speaks no protocol, as in a twin.
    """
    assert ways.town.commune is not None
    for entry in tried(ways.town.commune["applications"]):
        if offered(entry) or entry["site"] not in (None, access.site) or access.zone == "invite":
            continue
        doors = list(_doors(ways, access, entry, zone, outside))
        if not doors:
            continue
        speaks = "" if port_alone else entry["speaks"] or ""
        trial, (door, *_) = f"{KIND}.{entry['id']}", doors
        expected = f"https://{door.host}{door.path} s’ouvre" if door.path else f"répond sur tcp/{door.port}"
        if speaks:
            expected = f"parle {speaks.upper()} sur tcp/{door.port}"
        want = {"address": door.address, "rule": door.rule, "machines": entry["machines"], "sign_in": entry["sign_in"],
                "shows": entry["shows"] or ""}  # fmt: skip
        asked = []
        for number, door in enumerate(doors):
            more: dict[str, Any] = {"host": door.host, "port": door.port, "dns": list(resolvers)}
            if door.path:
                more |= {"page": True, "path": door.path, "shows": entry["shows"] or ""}
            else:
                more |= {"machine": door.machine} | ({"speaks": speaks} if speaks else {})
            asked.append(question(trial, KIND, door.address, number, **more))
        yield Trial(trial, KIND, entry["label"], expected, _REQUIREMENTS, tuple(asked), want)


def _doors(ways: Ways, access: Access, entry: Application, zone: str, outside: str) -> Iterator[Door]:
    """Yield the doors that the flows open to a place: a page, else each machine.

    There is none where the users are elsewhere.
    """
    parts = urlsplit(entry["url"] or "")
    if parts.hostname:
        address = "" if entry["hosting"] == "saas" else entry["hosts"][0]["address"]
        port, path = parts.port or _WEB, parts._replace(scheme="", netloc="", fragment="").geturl()
        if rule := ways.passes(access, address or outside, Port("tcp", port)):
            yield Door(rule, parts.hostname, address, port, path or "/")
        return
    wanted = PORTS.get(entry["speaks"] or "", _WEB)
    for machine in entry["hosts"]:
        for reached in ways.flows(access):
            rule = reached.rules[-1].id
            if rule.partition(".")[0] in entry["flows"] and addresses(machine["address"]) <= reached.box.destinations:
                opened = [service.port for service, _ in services(reached.box.services) if service.protocol == "tcp"]
                if wanted in opened or (opened and not entry["speaks"]):
                    host = f"{machine['name']}.{zone}" if zone else machine["address"]
                    port = wanted if wanted in opened else opened[0]
                    yield Door(rule, host, machine["address"], port, machine=machine["name"])
                    break
