"""F3 and F4: machines outside production that follow hours, density of nodes (CCTP 4.4.6)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.sobriety.counting import Known, because
from piste.sobriety.figure import Excluded, Figure

_F3 = "Environnements hors production éligibles dont l’horaire d’arrêt est appliqué"
_F4 = "Évolution du nombre de machines par nœud depuis le diagnostic"
_DENSITY = "Machines par nœud"
_VCPUS = "vCPU alloués par nœud"
_CPU = "Processeurs utilisés, en moyenne des nœuds"
_MEMORY = "Mémoire libre après la perte d’un nœud"
_WAITS = {
    "F4.ready": ("Processeur attendu, machine la plus gênée", "%", "cpu_ready_percent"),
    "F4.latency": ("Temps de réponse des disques, machine la plus gênée", "ms", "io_latency_ms"),
}
_SIGN_IN, _UNMEASURED = "Ouverture d’une session de bureau virtuel", "aucun système que Piste lit ne la mesure"
_CLUSTER = "Prism Central, capacité de la grappe"


def hosting_figures(known: Known) -> Iterator[Figure]:
    yield _hours(known)
    yield from _density(known)


def _hours(known: Known) -> Figure:
    report = known.readings.f3
    if report is None:
        return known.unknown("F3", _F3, "%", "Prism Central", known.readings.why("hosting/f3"))
    to_confirm = ", ".join(report["to_confirm"])
    return known.figure(
        "F3", _F3, "%", None if report["value"] is None else 100 * report["numerator"] / report["denominator"],
        report["source"], on=report["date"][:10], numerator=report["numerator"], denominator=report["denominator"],
        failing=[because([vm["name"]], vm["why"]) for vm in report["eligible"] if not vm["applied"]],
        unknown=report["unknown"], excluded=[Excluded(vm["name"], vm["why"]) for vm in report["excluded"]],
        why=f"éligibles à valider par la DSI : {to_confirm}" if to_confirm else "",
    )  # fmt: skip


def _density(known: Known) -> Iterator[Figure]:
    """Make F4 and its companions: a count of machines alone says nothing of the load of nodes."""
    names = {
        "F4": (_F4, "%"), "F4.density": (_DENSITY, "VM/nœud"), "F4.vcpus": (_VCPUS, "vCPU/nœud"),
        "F4.cpu": (_CPU, "%"), "F4.memory": (_MEMORY, "Gio"),
        **{name: (title, unit) for name, (title, unit, _) in _WAITS.items()},
    }  # fmt: skip
    yield known.unknown("F4.sign_in", _SIGN_IN, "s", "aucune source", _UNMEASURED)
    report = known.readings.capacity
    if report is None or not report["nodes"]:
        why = known.readings.why("hosting/capacite") if report is None else "la grappe ne montre aucun nœud"
        yield from (known.unknown(name, title, unit, _CLUSTER, why) for name, (title, unit) in names.items())
        return
    on, nodes, totals = report["date"][:10], report["nodes"], report["totals"]
    density = totals["count"] / len(nodes)
    yield _evolution(known, density, bool(totals["holds_the_loss_of_a_node"]), on)
    for name, part in (("F4.density", "count"), ("F4.vcpus", "vcpus")):
        title, unit = names[name]
        yield known.figure(
            name, title, unit, totals[part] / len(nodes), _CLUSTER, on=on,
            numerator=totals[part], denominator=len(nodes),
        )  # fmt: skip
    used = [node["cpu_used"] for node in nodes if node["cpu_used"] is not None]
    yield known.figure(
        "F4.cpu", _CPU, "%", 100 * sum(used) / len(used) if used else None, _CLUSTER, on=on,
        unknown=[node["name"] for node in nodes if node["cpu_used"] is None],
        why="" if used else "aucun nœud ne dit ce qu’il utilise",
    )  # fmt: skip
    left = totals["memory_left_gib"]
    yield known.figure(
        "F4.memory", _MEMORY, "Gio", left, _CLUSTER, on=on,
        numerator=left, denominator=totals["memory_after_the_loss_of_a_node_gib"],
        why="" if left >= 0 else "la grappe ne tient pas la perte d’un nœud",
    )  # fmt: skip
    running = [row for row in report["machines"] if row["running"]]
    for name, (title, unit, measure) in _WAITS.items():
        waits = {row["name"]: row[measure] for row in running if row.get(measure) is not None}
        busiest = max(waits, key=lambda row: waits[row], default="")
        yield known.figure(
            name, title, unit, waits.get(busiest), _CLUSTER, on=on,
            unknown=[row["name"] for row in running if row["name"] not in waits],
            why=f"{busiest}, à l’heure la plus chargée" if busiest else "aucune machine n’a de mesure",
        )  # fmt: skip


def _evolution(known: Known, density: float, holds: bool, on: str) -> Figure:
    kept = known.reference.get("F4.density") if known.reference is not None else None
    if kept is None or not kept.value:
        there = known.reference is not None
        why = "le diagnostic de référence ne la donne pas" if there else "aucun diagnostic de référence n’est gardé"
        return known.figure("F4", _F4, "%", None, _CLUSTER, on=on, numerator=density, why=why)
    loss = "" if holds else " ; la grappe ne tient pas la perte d’un nœud"
    return known.figure(
        "F4", _F4, "%", 100 * (density - kept.value) / kept.value, _CLUSTER, on=on,
        numerator=density, denominator=kept.value,
        failing=() if holds else [str((known.readings.capacity or {}).get("cluster"))],
        why=f"machines par nœud, comparées au diagnostic du {kept.date}{loss}",
    )  # fmt: skip
