"""Who follows hours, what they ask of each machine now, and the figure of it. Pure, on documents of Prism Central.

A machine follows hours where three agree: it is declared out of production with a schedule, it bears that schedule as
a category, and no other tool owns it. What the hours did is noted on the machine by a category: ``demandée`` from
before it is asked to stop, ``endormie`` once it has. So whoever runs next, on whatever station, knows what to bring
back, and a machine that somebody has turned on again is left on until its hours wake it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from piste.converge.reading import listed, text
from piste.model import hours
from piste.model.site_hosting import ASKED, ASLEEP, ENVIRONMENT, SCHEDULE, SLEEP
from piste.nutanix.documents import runs
from piste.words import agreed

Action = Literal["sleep", "settle", "wake", "bring_back", "hold", "clear", ""]
Mode = Literal["follow", "bring_back", "report"]
MARKS = {ASKED: f"{SLEEP}:{ASKED}", ASLEEP: f"{SLEEP}:{ASLEEP}"}
TARGET = 0.8
"""F3: at least 80 % of the eligible machines have hours that are applied (CCTP § 4.4.6)."""


@dataclass(frozen=True, slots=True)
class Sleeper:
    """A declared machine, and what there is of it. ``out``: why it is no business of the hours; ``unfit``: why it
    should follow them and does not; ``action``: what they ask of it now, ``why`` in a person's words."""

    name: str
    schedule: str = ""
    out: str = ""
    unfit: str = ""
    ext_id: str = ""
    on: bool = False
    awake: bool = True
    action: Action = ""
    why: str = ""
    until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "schedule": self.schedule,
            "running": self.on,
            "should_run": self.awake,
            "action": self.action,
            "why": self.unfit or self.why,
            "until": self.until.isoformat(timespec="minutes") if self.until else None,
        }


@dataclass(frozen=True, slots=True)
class Live:
    """What Prism Central holds: machines of the cluster, names of categories by id, and why one is another tool's."""

    machines: Sequence[Mapping[str, Any]]
    categories: Mapping[str, str]
    apart: Mapping[str, str]

    def named(self, name: str) -> list[Mapping[str, Any]]:
        return [one for one in self.machines if text(one["name"]) == name]

    def held(self, machine: Mapping[str, Any]) -> set[str]:
        """Categories of a machine, as ``key:value``."""
        return {self.categories.get(text(one["extId"]), "") for one in listed(machine.get("categories"))}

    def mark(self, machine: Mapping[str, Any]) -> str:
        """What the hours noted of a machine; empty for nothing."""
        held = self.held(machine)
        return next((mark for mark, pair in MARKS.items() if pair in held), "")


def sleepers(told: Mapping[str, Any], live: Live, moment: datetime, lead: timedelta, mode: Mode) -> Iterator[Sleeper]:
    """Every declared machine; ``told`` is `{machines, schedules, calendar}`, ``moment`` the town's time."""
    production = {f"{ENVIRONMENT}:{one['label']}" for one in told["machines"] if one["production"]}
    for machine in told["machines"]:
        name, schedule = str(machine["name"]), str(machine["schedule"] or "")
        if machine["production"]:
            yield Sleeper(name, out="en production")
            continue
        found = live.named(name)
        if unfit := _unfit(schedule, found, live, production):
            out = live.apart.get(str(found[0]["extId"]), "") if len(found) == 1 else ""
            yield Sleeper(name, schedule, out, unfit, on=any(runs(one) for one in found))
            continue
        (one,) = found
        if out := live.apart.get(text(one["extId"]), ""):
            yield Sleeper(name, schedule, out)
            continue
        own, calendar = told["schedules"][schedule], told["calendar"]
        # Up before the hour: it wakes as soon as it would be awake a little later.
        wanted = any(hours.awake(own, calendar, at) for at in (moment, moment + lead))
        on, mark = runs(one), live.mark(one)
        action, why = decide(on, mark, wanted, mode)
        until = hours.next_change(own, calendar, moment)
        yield Sleeper(name, schedule, "", "", text(one["extId"]), on, wanted, action, why, until)


def _unfit(schedule: str, found: Sequence[Mapping[str, Any]], live: Live, production: Iterable[str]) -> str:
    """Why a machine that should follow hours does not; empty where it does."""
    if len(found) != 1:
        return "introuvable sur la grappe" if not found else f"{len(found)} machines portent ce nom"
    if not schedule:
        return "aucun horaire déclaré"
    held = live.held(found[0])
    if held & set(production):
        return "sa catégorie la dit en production : elle n'est pas arrêtée"
    if f"{SCHEDULE}:{schedule}" not in held:
        return f"n'a pas la catégorie {SCHEDULE}:{schedule} : appliquez l'hébergement"
    return ""


def decide(on: bool, mark: str, wanted: bool, mode: Mode) -> tuple[Action, str]:
    """What to do with a machine that follows hours, and why."""
    if mode == "bring_back":
        if not mark:
            return "", "les horaires ne l'ont pas arrêtée"
        if not on:
            return "bring_back", "rallumée à la demande, jusqu'à ses prochaines heures"
        return ("hold", "laissée en marche jusqu'à ses prochaines heures") if mark == ASKED else ("", "déjà rallumée")
    if wanted:
        if on:
            return ("clear", "en marche, à ses heures") if mark else ("", "en marche, à ses heures")
        return ("wake", "rallumée pour ses heures") if mark else ("", "arrêtée, mais pas par ses horaires")
    if on and mark == ASLEEP:
        return "", "rallumée par quelqu'un, laissée jusqu'à ses heures"
    if on:
        return "sleep", "arrêtée hors de ses heures"
    return ("settle", "s'est arrêtée après le délai") if mark == ASKED else ("", "dort")


def figure(
    found: Sequence[Sleeper],
    live: Live,
    declared: Mapping[str, Mapping[str, Any]],
    refused: Mapping[str, str],
    source: str,
    date: str,
) -> dict[str, Any]:
    """F3: machines out of production with hours that are applied, out of all that are eligible. What nobody declares
    is unknown: it may be eligible, and never counts as conforming. ``declared`` is the machines by name."""
    eligible = [one for one in found if not one.out]
    applied = [one for one in eligible if not one.unfit and one.name not in refused]
    unknown = sorted(
        text(one["name"])
        for one in live.machines
        if one["name"] not in declared and text(one["extId"]) not in live.apart
    )
    excluded = [{"name": one.name, "why": one.out} for one in found if one.out]
    for why in sorted(set(live.apart.values())):
        number = sum(reason == why for reason in live.apart.values())
        excluded.append({"name": agreed(number, "machine(s)"), "why": why})
    total = len(eligible) + len(unknown)
    return {
        "id": "F3",
        "title": "Environnements hors production éligibles dont l'horaire d'arrêt est appliqué",
        "value": round(len(applied) / total, 4) if total else None,
        "target": TARGET,
        "numerator": len(applied),
        "denominator": total,
        "source": source,
        "date": date,
        "method": "relevé",
        "eligible": [
            {"name": one.name, "schedule": one.schedule, "applied": one in applied,
             "why": one.unfit or refused.get(one.name, "")}
            for one in eligible
        ],
        "excluded": excluded,
        "unknown": unknown,
        "to_confirm": [one.name for one in eligible if declared[one.name].get("status") == "to_confirm"],
    }  # fmt: skip


def in_words(told: Mapping[str, Any]) -> list[str]:
    """The figure as people read it: its value, what it comes from, what it leaves out."""
    value = "sans objet" if told["value"] is None else f"{told['value']:.0%}".replace("%", " %")
    fraction = f"{told['numerator']} sur {told['denominator']}, cible {told['target']:.0%}".replace("%", " %")
    missing = [f"{one['name']} ({one['why']})" for one in told["eligible"] if not one["applied"]]
    lines = [f"F3 : {value} ({fraction}) ; {told['source']}, le {told['date'].replace('T', ' à ')}, {told['method']}."]
    lists = (
        ("Sans horaire appliqué", missing),
        ("Éligibles à valider par la DSI", told["to_confirm"]),
        ("Que personne ne déclare", told["unknown"]),
        ("Exclues", [f"{one['name']} ({one['why']})" for one in told["excluded"]]),
    )
    return lines + [f"{title} : {', '.join(names)}." for title, names in lists if names]
