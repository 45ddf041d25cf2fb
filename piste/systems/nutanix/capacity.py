"""Capacity and energy of a cluster: use, waits, room without a node, savings of sleep.

Figures of power are *measured* where the nodes give them, *modelled* by the declared factors elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from piste.engine import cells
from piste.engine.converge.module import Module
from piste.engine.converge.reading import mapped, text
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.transport.subjects import subject
from piste.engine.words import agreed
from piste.systems.nutanix import cluster_energy, waits
from piste.systems.nutanix.clusters import facts
from piste.systems.nutanix.connection import CLUSTER, HOURS, PRISM_CENTRAL
from piste.systems.nutanix.documents import memory, runs
from piste.systems.nutanix.foreign import FOREIGN, Foreign
from piste.systems.nutanix.names import Names, clusters_of
from piste.systems.nutanix.prism import HOSTS, VMS, Prism
from piste.systems.nutanix.quantities import in_bytes
from piste.systems.nutanix.room import GIB, vcpus
from piste.town.model import hours

_NODES = {
    "nœud": "name", "machines": "machines", "vcpu": "vcpus", "mémoire_allouée_gio": "memory_gib",
    "mémoire_pour_machines_gio": "memory_for_machines_gib", "processeurs_utilisés": "cpu_used",
    "mémoire_utilisée_gio": "memory_used_gib", "attente_processeur_pour_cent": "cpu_ready_percent",
    "latence_disque_ms": "io_latency_ms", "iops": "iops", "watts": "watts", "watts_bas": "low", "watts_haut": "high",
    "origine": "origin",
}  # fmt: skip
_MACHINES = {
    "machine": "name", "nœud": "node", "en_marche": "running", "vcpu": "vcpus", "mémoire_gio": "memory_gib",
    "attente_processeur_pour_cent": "cpu_ready_percent", "latence_disque_ms": "io_latency_ms",
    "watts_part": "watts_shared", "watts_marginaux": "watts_marginal", "horaire": "schedule",
    "veille_heures_an": "asleep_hours", "kwh_an_part": "kwh_shared", "kwh_an_marginal": "kwh_marginal",
}  # fmt: skip
"""Columns of the tables in French, and the keys of their values."""


def capacity(
    cluster: Mapping[str, Any],
    machines: Sequence[Mapping[str, Any]],
    foreign: Mapping[str, str],
    declared: Mapping[str, Any],
    factors: Mapping[str, Any],
    moment: datetime,
) -> dict[str, Any]:
    """Report of one cluster.

    `cluster` comes from `clusters.facts`, `machines` are documents of Prism Central, `foreign` gives by id the reason
    for which some are foreign, `declared` the hours, `factors` the declared energy.
    """
    nodes = [_node(node, factors["node_power"]) for node in cluster["nodes"]]
    powers = [cluster_energy.node(factors["node_power"], node["cpu_used"], node["watts"]) for node in cluster["nodes"]]
    each = cluster_energy.per_processor(powers, sum(node["vcpus"] for node in nodes))
    rows = list(_machines(machines, foreign, declared, each, moment))
    saved = sum(row["kwh_marginal"] or 0.0 for row in rows)
    left = cluster["after_the_loss_of_a_node"]
    count = len(nodes)
    return {
        "cluster": cluster["name"],
        "date": moment.isoformat(timespec="minutes"),
        "redundancy_factor": cluster["redundancy_factor"],
        "nodes": nodes,
        "machines": rows,
        "waited": cluster["waited"],
        "totals": {
            **cluster["machines"],
            "machines_per_node": round(cluster["machines"]["count"] / count, 2) if count else None,
            "memory_after_the_loss_of_a_node_gib": left["memory_gib"],
            "memory_left_gib": left["free_gib"],
            "holds_the_loss_of_a_node": left["free_gib"] >= 0,
            "watts": round(sum(power.watts for power in powers)),
            "watts_low": round(sum(power.low for power in powers)),
            "watts_high": round(sum(power.high for power in powers)),
            "origin": " et ".join(sorted({power.origin for power in powers})),
            "watts_per_vcpu_shared": round(each.shared, 2) if each else None,
            "watts_per_vcpu_marginal": round(each.marginal, 2) if each else None,
        },
        "saving": {
            "claimed": "marginal",
            "kwh_per_year": round(saved, 1),
            "kwh_per_year_shared": round(sum(row["kwh_shared"] or 0.0 for row in rows), 1),
            "co2": cluster_energy.emitted(saved, factors["electricity"]),
        },
        "sources": [
            f"Puissance : {factors['node_power']['source']}, relevé le {factors['node_power']['read_on']}",
            f"Électricité : {factors['electricity']['source']}, relevé le {factors['electricity']['read_on']}",
        ],
    }


def _node(node: Mapping[str, Any], factors: Mapping[str, Any]) -> dict[str, Any]:
    power = cluster_energy.node(factors, node["cpu_used"], node["watts"])
    return {
        "name": node["name"],
        "machines": node["machines"]["count"],
        "vcpus": node["machines"]["vcpus"],
        "memory_gib": node["machines"]["memory_gib"],
        "memory_for_machines_gib": node["memory_for_machines_gib"],
        "cpu_used": node["cpu_used"],
        "memory_used_gib": node["memory_used_gib"],
        "cpu_ready_percent": node["cpu_ready_percent"],
        "io_latency_ms": node["waits"].get("io_latency_ms"),
        "iops": node["waits"].get("iops"),
        "watts": round(power.watts),
        "low": round(power.low),
        "high": round(power.high),
        "origin": power.origin,
    }


def _machines(
    machines: Sequence[Mapping[str, Any]],
    foreign: Mapping[str, str],
    declared: Mapping[str, Any],
    each: cluster_energy.PerProcessor | None,
    moment: datetime,
) -> Iterator[dict[str, Any]]:
    """Yield a row a machine, and a row for all machines of another tool.

    Sleep is that of the declared hours, for a year from now.
    """
    schedules = {machine["name"]: machine["schedule"] for machine in declared["machines"] if machine["schedule"]}
    others: dict[str, list[Mapping[str, Any]]] = {}
    for machine in sorted(machines, key=lambda machine: str(machine.get("name"))):
        why = foreign.get(text(machine["extId"]))
        if why:
            others.setdefault(why, []).append(machine)
            continue
        schedule, asleep = schedules.get(machine.get("name")), None
        if schedule:
            asleep = hours.asleep_hours(declared["schedules"][schedule], declared["calendar"], moment.date())
        yield _row([machine], str(machine.get("name")), schedule, asleep, each)
    for why, group in sorted(others.items()):
        yield _row(group, f"{agreed(len(group), 'machine(s)')} : {why}", None, None, each)


def _row(
    group: Sequence[Mapping[str, Any]],
    name: str,
    schedule: str | None,
    asleep: float | None,
    each: cluster_energy.PerProcessor | None,
) -> dict[str, Any]:
    running = [machine for machine in group if runs(machine)]
    count, working = (sum(vcpus(machine) for machine in some) for some in (group, running))
    known = each if asleep is not None else None
    return {
        "name": name,
        "node": group[0].get("_node") if len(group) == 1 else None,
        "running": len(running),
        "vcpus": count,
        "memory_gib": sum(memory(machine) for machine in group) // GIB,
        **{name: waits.longest((machine["_waits"] for machine in group), name) for name in waits.OF_MACHINES},
        "watts_shared": round(working * each.shared, 1) if each else None,
        "watts_marginal": round(working * each.marginal, 1) if each else None,
        "schedule": schedule,
        "asleep_hours": asleep,
        "kwh_shared": round(cluster_energy.yearly(count * known.shared, asleep or 0), 1) if known else None,
        "kwh_marginal": round(cluster_energy.yearly(count * known.marginal, asleep or 0), 1) if known else None,
    }


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    """Table as CSV, with French headers; a cell without a figure is empty."""
    return cells.as_csv([columns, *([cells.cell(row[name]) for name in columns.values()] for row in rows)], end="\n")


def in_words(report: Mapping[str, Any]) -> list[str]:
    """Sentences of the report, for people."""
    total, saving = report["totals"], report["saving"]
    verdict = "tient" if total["holds_the_loss_of_a_node"] else "NE TIENT PAS"
    allotted = f"{total['vcpus']} vCPU et {total['memory_gib']} Gio alloués"
    density = f"{len(report['nodes'])} nœuds ({_number(total['machines_per_node'])} par nœud)"
    measured = total["origin"] == cluster_energy.MEASURED
    between = "" if measured else f", entre {total['watts_low']} et {total['watts_high']} W"
    shares = (_number(total[f"watts_per_vcpu_{kind}"]) for kind in ("shared", "marginal"))
    lines = [
        f"{report['cluster']}, le {report['date'].replace('T', ' à ')} : {total['count']} machines sur {density}, "
        f"{allotted}.",
        f"Un nœud perdu : {verdict}, il reste {total['memory_left_gib']} Gio sur "
        f"{total['memory_after_the_loss_of_a_node_gib']}.",
        *(_node_line(node) for node in report["nodes"]),
        *_waited(report),
        f"Puissance : {total['watts']} W ({total['origin']}{between}), soit {next(shares)} W par vCPU en part, "
        f"{next(shares)} W en marginal.",
    ]
    for row in report["machines"]:
        if row["schedule"]:
            lines.append(
                f"{row['name']} dort {_number(row['asleep_hours'])} h par an : {_number(row['kwh_marginal'])} kWh "
                f"économisés (marginal) ; sa part de la puissance en dirait {_number(row['kwh_shared'])}."
            )
    lines.append(
        f"Économie retenue : {_number(saving['kwh_per_year'])} kWh par an, {_number(saving['co2']['kg'])} kg de CO2 "
        f"(entre {_number(saving['co2']['low'])} et {_number(saving['co2']['high'])})."
    )
    return [*lines, *(f"{source}." for source in report["sources"])]


def _node_line(node: Mapping[str, Any]) -> str:
    used = "non relevés" if node["cpu_used"] is None else f"{node['cpu_used']:.0%}".replace("%", " %")
    memory = f"{node['memory_gib']} Gio sur {node['memory_for_machines_gib']}"
    return (
        f"{node['name']} : {node['machines']} machines, {node['vcpus']} vCPU (processeurs {used}), {memory}, "
        f"{node['watts']} W ({node['origin']})."
    )


def _waited(report: Mapping[str, Any]) -> Iterator[str]:
    """Say what waited most, at the busiest hour of the last opening hours."""
    if not (hours := report["waited"]):
        return
    start, end = (datetime.fromisoformat(hours[name]) for name in ("start", "end"))
    when = f"Le {start:%d/%m} de {start:%H:%M} à {end:%H:%M}, à l’heure la plus chargée"
    machines = [row for row in report["machines"] if row["cpu_ready_percent"] is not None]
    for node in report["nodes"]:
        busiest = max((row for row in machines if row["node"] == node["name"]),
                      key=lambda row: row["cpu_ready_percent"], default=None)  # fmt: skip
        most = f", au plus {busiest['name']}" if busiest else ""
        yield (
            f"{when}, {node['name']} : processeur attendu {_number(node['cpu_ready_percent'])} % du temps{most} ; "
            f"disques en {_number(node['io_latency_ms'])} ms, {_number(node['iops'])} opérations par seconde."
        )


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:,.1f}".replace(",", " ").replace(".", ",").removesuffix(",0")


def _capacity(prism: Prism, params: Params) -> dict[str, Any]:
    (cluster,) = facts(prism, params["cluster"], in_bytes(params["cvm_memory"]), power=True)
    names, foreign = Names(prism, params["cluster"]), Foreign.of(params.get("apart"))
    hosts = {text(host["extId"]): host.get("hostName") for host in prism.all(HOSTS)}
    declared = params["hours"]
    moment = datetime.fromtimestamp(prism.now(), ZoneInfo(declared["timezone"])).replace(tzinfo=None)
    limits = params.get("waits") or {"hours": ()}
    waited = waits.last_hours(limits["hours"], moment, declared["timezone"])
    of_machines = waits.of_machines(prism, waited) if waited else {}
    machines = [
        {**machine, "_node": hosts.get(str(mapped(machine.get("host")).get("extId"))),
         "_waits": of_machines.get(text(machine["extId"]), {})}
        for machine in prism.all(VMS)
        if names.cluster_id in clusters_of(machine)
    ]
    reasons = {text(machine["extId"]): foreign.why(machine, lambda: names["category"]) for machine in machines}
    for node in cluster["nodes"]:
        here = (machine["_waits"] for machine in machines if machine["_node"] == node["name"])
        node["cpu_ready_percent"] = waits.longest(here, "cpu_ready_percent")
        (id_,) = (id_ for id_, name in hosts.items() if name == node["name"])
        node["waits"] = waits.of_node(prism, names.cluster_id, id_, waited) if waited else {}
    cluster["waited"] = {name: getattr(waited, name).isoformat() for name in waits.Hours._fields} if waited else None
    others = {ext_id: why for ext_id, why in reasons.items() if why}
    report = capacity(cluster, machines, others, declared, params["energy"], moment)
    return {
        "capacity": report,
        "report": in_words(report),
        "csv": {"noeuds": as_csv(report["nodes"], _NODES), "machines": as_csv(report["machines"], _MACHINES)},
    }


MODULES: Mapping[str, Module] = subject(
    "prism_capacity",
    PRISM_CENTRAL,
    _capacity,
    CLUSTER,
    FOREIGN,
    Field("cvm_memory", "Memory that the controller of each node takes, C(32 GiB).", required=True),
    HOURS,
    Field(
        "waits",
        "Longest waits that a session stands, and the C(hours) whose busiest is read; nothing is read without it.",
        type="dict",
    ),
    Field(
        "energy",
        "Factors by which power and emissions are estimated, as the declaration gives them.",
        type="dict",
        required=True,
    ),
)
