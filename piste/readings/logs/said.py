"""The last check of the logs, for others: findings of a town or a site, and F12."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure
from piste.engine.finding import Finding, State
from piste.engine.words import some
from piste.readings.belief import Reading
from piste.readings.logs import judgment, kept
from piste.readings.logs.judgment import StreamState
from piste.town.model.derived import Derived
from piste.town.model.freshness import Ages, ages
from piste.town.model.logs.derived import TownLogs

NEVER = "jamais contrôlés"
_TODO = "Contrôlez-les : piste logs check."


class SiteLog(NamedTuple):
    """The state of a stream of a site; `state` is None where nothing was checked."""

    stream: str
    label: str
    state: State | None
    observed: str
    reason: str


def figures(town: Derived, environment: str) -> Iterator[Figure]:
    """Yield F12 by the last check; none where there was never one."""
    last = kept.last(environment, ages(town)) if town.commune and town.commune["logs"] else None
    if isinstance(last, Reading):
        made = last.value["figure"]
        counts = made["numerator"], made["denominator"], len(made["unknown"])
        yield Figure(made["figure"], made["value"], "%", *counts, said=judgment.written(made))
    elif last:
        yield Figure("F12", None)


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each source of logs, of its site, by the last check."""
    logs = town.commune["logs"] if town.commune else None
    if logs is None:
        return
    last = kept.last(environment, ages(town))
    if not isinstance(last, Reading):
        yield Finding("logs", "unknown", f"journaux : {last.why if last else NEVER}", _TODO)
        return
    figure, chain = last.value["figure"], last.value["chain"]
    faults = [f"la chaîne des sceaux ne mène plus où elle menait : {' ; '.join(chain[:3])}"] if chain else []
    faults += [f"hors de l’arbre déclaré : {some(last.value['strays'])}"] if last.value["strays"] else []
    yield Finding(
        "logs.F12", figure["state"], " ; ".join([judgment.written(figure), *faults]),
        "" if figure["state"] == "ok" else "piste logs check donne chaque source, les sceaux et les exports.",
        gravity="critical" if chain else "major", evidence=f"contrôle du {in_town(last.read_at, DAY)}",
    )  # fmt: skip
    if rights := last.value.get("access"):
        what, at = f"droits de lecture : {rights['what']}", f"contrôle du {in_town(last.read_at, DAY)}"
        yield Finding("logs.access", rights["state"], what, rights["todo"], evidence=at)
    sites = {stream["name"]: stream["site"] or "" for stream in last.value["streams"]}
    for name, finding in zip(sites, judgment.findings(last.value["streams"]), strict=True):
        yield replace(finding, site=sites[name], evidence=f"contrôle du {in_town(last.read_at, DAY)}")
    for stream in logs["streams"]:
        if stream["name"] not in sites:
            id_ = f"logs.{stream['name'].replace('/', '.')}"
            yield Finding(id_, "unknown", f"{stream['label']} : {NEVER}", _TODO, site=stream["site"] or "")


def of_site(logs: TownLogs, site: str, environment: str, ages: Ages) -> Iterator[SiteLog]:
    """Yield the logs of a site by the last check; what it owes and no source has is wrong."""
    mine = [stream for stream in logs["streams"] if stream["site"] == site]
    owes = next((duty for duty in logs["duties"] if duty["site"] == site), None)
    if owes and not any(stream["log_class"] == "network" for stream in mine):
        why = "Wi-Fi public" if owes["public"] else "caméras"
        yield SiteLog("network", "Journaux du réseau", "wrong", f"aucune source à ce site ({why})", "")
    last = kept.last(environment, ages)
    states = {entry["name"]: entry for entry in last.value["streams"]} if isinstance(last, Reading) else {}
    doubt = last.why if last and not isinstance(last, Reading) else ""
    for stream in mine:
        known = states.get(stream["name"])
        if doubt:
            yield SiteLog(stream["name"], stream["label"], "unknown", "pas contrôlé depuis", doubt)
        elif known is None:
            yield SiteLog(stream["name"], stream["label"], None, "pas contrôlé", f"{NEVER} : piste logs check")
        else:
            yield SiteLog(stream["name"], stream["label"], known["state"], _observed(known), known["unknown"])


def _observed(state: StreamState) -> str:
    if state["faults"]:
        return " ; ".join(fault.message for fault in state["faults"][:3])
    return f"{state['days']} jours depuis le {state['oldest']}" if state["oldest"] else "pas lu"
