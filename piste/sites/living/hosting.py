"""Machines on the segments of a site and nodes of their cluster, as Prism Central reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from netaddr import IPAddress, IPNetwork

from piste.engine.words import agreed
from piste.sites.living.seen import Faults, Reading, Seen
from piste.town.model import hours

if TYPE_CHECKING:
    from piste.town.model import Site
    from piste.town.model.derived import Derived
    from piste.town.model.hosting.derived import HostingMachine, Hours

DOMAIN = "Hébergement"
AT_WORK = ("ACROPOLIS_NORMAL", "RESERVED_FOR_HA_FAILOVER", "RESERVING_FOR_HA_FAILOVER")
"""States of a hypervisor that works; a node may be the reserve of the others [documented]."""
FAILING = "HA_FAILOVER_SOURCE"
"""The state of a node from which machines fail over; that it has failed is [belief prism.node_states]."""


def machines(town: Derived, site: Site) -> list[str]:
    """List the virtual machines whose address is in a segment of the site."""
    hosting = town.commune["hosting"] if town.commune else None
    subnets = [IPNetwork(segment["subnet"]) for segment in site["segments"].values()]
    hosted = hosting["machines"] if hosting else []
    return [machine["name"] for machine in hosted if any(IPAddress(machine["address"]) in subnet for subnet in subnets)]


def hosting(town: Derived, names: list[str], reading: Reading) -> Iterator[Seen]:
    """Judge the machines of these names, where there are some, and all nodes of the cluster."""
    declared = town.commune["hosting"] if town.commune else None
    if declared is None or not names:
        return
    here = [machine for machine in declared["machines"] if machine["name"] in names]
    yield _machines(here, declared["hours"], reading)
    yield _nodes([node["name"] for node in declared["nodes"]], reading)


MISSING = " n’existe pas"
"""What is said of a machine that the cluster has not, after its name."""


def _machines(machines: list[HostingMachine], sleep: Hours, reading: Reading) -> Seen:
    id_, title, requirements = "living.machines", "Machines en marche", ("R010", "R067")
    stopped = {machine["name"] for machine in machines if machine["power"] == "stopped"}
    expected = f"{agreed(len(machines) - len(stopped), 'machine(s)')} en marche, hors de leurs heures de veille"
    at = reading.read_at
    if why := reading.unread("machines"):
        return Seen(id_, DOMAIN, title, requirements, expected, "pas lu", "unknown", why, None, at)
    faults, states, asleep = Faults(), dict[str, Any](), 0
    for machine in machines:
        name = machine["name"]
        states[name] = reading.parts["machines"].get(name)
        if states[name] is None:
            faults.add(name, MISSING)
        elif len(states[name]) > 1:
            faults.add(name, f" : {len(states[name])} machines de ce nom", "unknown")
        elif states[name] == ["ON"] or name in stopped:
            continue
        elif states[name] == ["OFF"] and _asleep(machine, sleep, reading):
            asleep += 1
        elif states[name] in (["OFF"], ["PAUSED"]):
            within = ", dans ses heures" if machine["schedule"] and not machine["production"] else ""
            faults.add(name, f" à l’arrêt{within}" if states[name] == ["OFF"] else " en pause")
        else:
            faults.add(name, f" : {states[name][0]}", "unknown")
    well = f"{agreed(len(machines), 'machine(s)')}" + (f", {asleep} en veille" if asleep else "")
    proof = {"machines": states, "read_at": at}
    observed, verdict, wrong = faults.said(well), faults.verdict, faults.lines
    return Seen(id_, DOMAIN, title, requirements, expected, observed, verdict, "", proof, at, faults.each, wrong=wrong)


def _asleep(machine: HostingMachine, sleep: Hours, reading: Reading) -> bool:
    """Tell whether the hours of a machine have it off at the reading.

    A machine in production has none.
    """
    schedule = sleep["schedules"].get(machine["schedule"] or "")
    if schedule is None or machine["production"]:
        return False
    local = reading.moment.astimezone(ZoneInfo(sleep["timezone"])).replace(tzinfo=None)
    return not hours.awake(schedule, sleep["calendar"], local)


def _nodes(names: list[str], reading: Reading) -> Seen:
    id_, title, requirements = "living.nodes", "Nœuds de la grappe en service", ("R010", "R067")
    expected, at = f"{agreed(len(names), 'nœud(s)')} en service", reading.read_at
    if why := reading.unread("nodes"):
        return Seen(id_, DOMAIN, title, requirements, expected, "pas lu", "unknown", why, None, at)
    faults, nodes = Faults(), {name: reading.parts["nodes"].get(name) for name in names}
    for name, node in nodes.items():
        _node(name, node, faults)
    proof = {"nodes": nodes, "read_at": at}
    observed, verdict = faults.said(expected), faults.verdict
    return Seen(id_, DOMAIN, title, requirements, expected, observed, verdict, "", proof, at, faults.each)


def _node(name: str, node: Mapping[str, Any] | None, faults: Faults) -> None:
    if node is None:
        faults.add(name, " n’est pas dans la grappe", gravity="critical")
        return
    state = node["hypervisor"]
    if node["connected"] == "DISCONNECTED":
        faults.add(name, f" : sans contact avec son hyperviseur ({state or 'état inconnu'})", gravity="critical")
    elif node["connected"] not in (None, "CONNECTED") or state in (None, "$UNKNOWN", "$REDACTED"):
        faults.add(name, " : sans nouvelles de son hyperviseur", "unknown")
    elif state == FAILING:
        faults.add(name, f" : en panne, ses machines repartent ailleurs ({state})", gravity="critical")
    elif state.startswith("HA_"):
        faults.add(name, f" : bascule en cours ({state})")
    elif state not in AT_WORK or node["controller_in_maintenance"]:
        faults.add(name, f" : en maintenance ({state})")
    if node["state"] != "NORMAL" or node["degraded"]:
        faults.add(name, f" : dégradé ({node['state']})", gravity="critical")
