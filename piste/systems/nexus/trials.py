"""Trials of the Nexus switches for a verification: what they carry, and what works now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.reading import reading
from piste.engine.finding import Finding, State
from piste.engine.words import agreed, some
from piste.systems.nexus import tables
from piste.systems.nexus.commands import Command
from piste.systems.nexus.connection import DECLARED, NEXUS, SWITCHES
from piste.systems.nexus.fleet import Fleet
from piste.systems.nexus.judge import judge
from piste.systems.nexus.living import Living, seen, why_unread
from piste.systems.nexus.shell import Shell
from piste.systems.nexus.state import State as Switch
from piste.systems.nexus.state import read
from piste.systems.nexus.unjudged import said, unjudged
from piste.town.model.routing.trace import Face, Leads, Router, router

_SHOWN = 5
Trial = dict[str, str]


def _trial(id_: str, title: str, expected: str, wrong: list[str], todo: str, *, beside: str = "") -> Trial:
    """Make a trial; `beside` ends what was observed."""
    observed = some(wrong, _SHOWN, " ; ") or expected
    return _written(id_, title, expected, observed + beside, "wrong" if wrong else "ok", todo if wrong else "")


def _written(id_: str, title: str, expected: str, observed: str, state: State, todo: str) -> Trial:
    return {
        **Finding(id_, state, f"{title} : {observed}", todo).to_json(),
        "title": title,
        "expected": expected,
        "observed": observed,
    }


def as_router(switch: Mapping[str, Any], state: Switch) -> Router:
    """Give what a switch routes over IPv4.

    Its own address, by which people reach it, is no gateway.
    """
    made = router(switch["name"])
    fourth = [gateway for gateway in state.gateways if ":" not in gateway.address]
    up = [gateway for gateway in fourth if gateway.up and gateway.address != switch["address"]]
    for vlan in dict.fromkeys(gateway.vlan for gateway in up):
        mine = [gateway for gateway in fourth if gateway.vlan == vlan]
        subnet = next((gateway.subnet for gateway in mine if gateway.subnet), "")
        addresses = [gateway.address for gateway in mine]
        made["interfaces"].append(Face(name=f"Vlan{vlan}", subnet=subnet, addresses=addresses))
    made["routes"] = [Leads(destination=destination, via=[hop]) for destination, hop in state.routes]
    return made


def trials(shell: Shell, switch: Mapping[str, Any], town: list[Mapping[str, Any]]) -> tuple[list[Trial], Router]:
    """Give the trials of a switch: configuration, VLANs, port-channels; and what it routes."""
    name = switch["name"]
    with reading(name):
        state = read(shell).state
        departures = [f"{departure.key} {departure.why}" for departure in judge(switch, town, state)]
        active = tables.active_vlans(shell.ask(Command.VLANS))
        working = tables.bundled(shell.ask(Command.PORT_CHANNELS))
    idle = [str(vlan) for vlan in switch["vlans"] if vlan not in active]
    down = [
        f"{port} de {link['name']}"
        for link in switch["links"]
        for port in link["ports"]
        if port not in working.get(link["name"], ())
    ]
    groups = sum(1 for link in switch["links"] if link["ports"])
    beside = said(unjudged(state.root, vpc=bool(switch.get("vpc_domain"))))
    return _trials(switch, departures, beside, idle, down, groups), as_router(switch, state)


def _trials(
    switch: Mapping[str, Any], departures: list[str], beside: str, idle: list[str], down: list[str], groups: int
) -> list[Trial]:
    name = switch["name"]
    return [
        _trial(
            f"nexus.{name}.configuration",
            f"{name}, VLAN, liaisons et passerelles comme déclarés",
            "aucun écart",
            departures,
            "« piste drift commune » nomme chaque écart ; la correction se fait à la console (docs/nexus.md).",
            beside=beside,
        ),
        _trial(
            f"nexus.{name}.vlans",
            f"{name}, VLAN en service",
            f"{agreed(len(switch['vlans']), 'VLAN')} en service",
            [f"{vlan} n’est pas en service" for vlan in idle],
            "Comparez « show vlan brief » à la déclaration.",
        ),
        _trial(
            f"nexus.{name}.aggregates",
            f"{name}, ports de ses agrégats en service",
            f"{agreed(groups, 'agrégat(s)')}, tous leurs ports",
            [f"{port} n’est pas en service" for port in down],
            "Comparez « show port-channel summary » à la déclaration ; vérifiez les câbles et l’autre bout.",
        ),
    ]


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    results: list[Trial] = []
    routers: list[Router] = []
    try:
        fleet = Fleet(params["nexus"], params["declared"], params.get("switches"))
    except PisteError as error:
        return {"changed": False, "trials": [_unread("nexus", "Nexus", error)]}
    living = Living()
    for switch, answer in fleet.each(lambda shell, known: (*trials(shell, known, fleet.town), seen(shell))):
        name = switch["name"]
        if isinstance(answer, PisteError):
            results.append(_unread(f"nexus.{name}", name, answer))
            living.add(name, answer)
        else:
            tried, routed, lives = answer
            results += tried
            routers += [routed] if routed["interfaces"] else []
            living.add(name, lives)
    return {"changed": False, "trials": results, "living": living.parts, "routers": routers, "calls": fleet.calls}


def _unread(id_: str, name: str, error: PisteError) -> Trial:
    return _written(id_, f"{name}, lu", "une configuration", why_unread(error), "unknown", error.todo)


MODULES: Mapping[str, Module] = {
    "nexus_tests": Module(name="nexus_tests", options=(NEXUS, DECLARED, SWITCHES), run=_run),
}
