"""The last check of the logs, for others: findings of a town or a site, and F12."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from piste.clock import DAY, in_town
from piste.finding import Finding, State
from piste.logs import judgment, kept
from piste.logs.judgment import Figure, StreamState
from piste.model.derived import Derived
from piste.model.logs.derived import TownLogs

NEVER = "jamais contrôlés"
_TODO = "Contrôlez-les : piste logs check."


class SiteLog(NamedTuple):
    """The state of a stream of a site; `state` is None where nothing was checked."""

    stream: str
    label: str
    state: State | None
    observed: str
    reason: str


def figure(environment: str) -> Figure | None:
    """Return F12 as last computed; None where it never was. Raises `UnreadTree`."""
    check = kept.last(environment)
    return check["figure"] if check else None


def findings(town: Derived, environment: str, now: datetime | None = None) -> Iterator[Finding]:
    """Yield the logs in a line: F12 of the last check, unknown where it is missing or old."""
    logs = town.commune["logs"] if town.commune else None
    if logs is None:
        return
    check = kept.last(environment)
    if check is None:
        yield Finding("logs", "unknown", NEVER, _TODO)
        return
    said = f"{judgment.written(check['figure'])}, le {in_town(check['read_at'], DAY)}"
    if kept.is_stale(check, now or datetime.now(UTC)):
        yield Finding("logs", "unknown", f"{said}, trop ancien", _TODO)
        return
    todo = "" if check["figure"]["state"] == "ok" else "piste logs check donne chaque source."
    yield Finding("logs", check["figure"]["state"], said, todo)


def of_site(logs: TownLogs, site: str, environment: str, now: datetime | None = None) -> Iterator[SiteLog]:
    """Yield the logs of a site by the last check; what it owes and no source has is wrong."""
    mine = [stream for stream in logs["streams"] if stream["site"] == site]
    owes = next((duty for duty in logs["duties"] if duty["site"] == site), None)
    if owes and not any(stream["log_class"] == "network" for stream in mine):
        why = "Wi-Fi public" if owes["public"] else "caméras"
        yield SiteLog("network", "Journaux du réseau", "wrong", f"aucune source à ce site ({why})", "")
    check = kept.last(environment)
    states = {entry["name"]: entry for entry in check["streams"]} if check else {}
    stale = check is not None and kept.is_stale(check, now or datetime.now(UTC))
    for stream in mine:
        known = states.get(stream["name"])
        if known is None:
            yield SiteLog(stream["name"], stream["label"], None, "pas contrôlé", f"{NEVER} : piste logs check")
        elif stale:
            reason = "le dernier contrôle date de plus de deux jours : piste logs check"
            yield SiteLog(stream["name"], stream["label"], "unknown", _observed(known), reason)
        else:
            yield SiteLog(stream["name"], stream["label"], known["state"], _observed(known), known["unknown"])


def _observed(state: StreamState) -> str:
    if state["faults"]:
        return " ; ".join(fault.message for fault in state["faults"][:3])
    return f"{state['days']} jours depuis le {state['oldest']}" if state["oldest"] else "pas lu"
