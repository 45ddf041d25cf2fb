"""Machines that follow hours: the action that each needs now, and the figure F3 of them.

A machine follows hours on three conditions: it is declared out of production with a schedule, it has that schedule as
a category, and it is not foreign. The hours note their actions on the machine by a category: `demandée` from before it
is asked to stop, `endormie` once it has stopped. So the next run, on any station, knows which machines to bring back,
and a machine that somebody has turned on again is left on until its hours wake it. No I/O: the functions take
documents of Prism Central.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from piste.engine.converge.reading import listed, text
from piste.engine.words import agreed
from piste.systems.nutanix.documents import runs
from piste.town.model import hours
from piste.town.model.hosting.derived import ASKED, ASLEEP, ENVIRONMENT, SCHEDULE, SLEEP

Action = Literal["sleep", "settle", "wake", "bring_back", "hold", "clear", ""]
Mode = Literal["follow", "bring_back", "report"]
MARKS = {ASKED: f"{SLEEP}:{ASKED}", ASLEEP: f"{SLEEP}:{ASLEEP}"}
TARGET = 0.8
"""F3: at least 80 % of the eligible machines have applied hours (CCTP § 4.4.6)."""


@dataclass(frozen=True, slots=True)
class Sleeper:
    """A declared machine and its live state.

    `out`: reason for which hours do not concern it. `unfit`: reason for which it should follow hours and does not.
    `action`: what the hours ask of it now; `why` is the reason, for people.
    """

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
    """Live state of the cluster.

    `machines`: its documents. `categories`: names by id. `foreign`: by id, the reason for which a machine is foreign.
    """

    machines: Sequence[Mapping[str, Any]]
    categories: Mapping[str, str]
    foreign: Mapping[str, str]

    def named(self, name: str) -> list[Mapping[str, Any]]:
        return [machine for machine in self.machines if text(machine["name"]) == name]

    def pairs(self, machine: Mapping[str, Any]) -> set[str]:
        """Categories of a machine, as `key:value`."""
        return {self.categories.get(text(category["extId"]), "") for category in listed(machine.get("categories"))}

    def mark(self, machine: Mapping[str, Any]) -> str:
        """Mark that the hours have left on a machine; empty without any."""
        pairs = self.pairs(machine)
        return next((mark for mark, pair in MARKS.items() if pair in pairs), "")


def sleepers(
    declared: Mapping[str, Any], live: Live, moment: datetime, lead: timedelta, mode: Mode
) -> Iterator[Sleeper]:
    """Yield every declared machine; `declared` is `{machines, schedules, calendar}`.

    `moment` is the local time of the town; a machine wakes `lead` before its hours.
    """
    production = {f"{ENVIRONMENT}:{machine['label']}" for machine in declared["machines"] if machine["production"]}
    for machine in declared["machines"]:
        name, schedule = str(machine["name"]), str(machine["schedule"] or "")
        if machine["production"]:
            yield Sleeper(name, out="en production")
            continue
        machines = live.named(name)
        if unfit := _unfit(schedule, machines, live, production):
            out = live.foreign.get(str(machines[0]["extId"]), "") if len(machines) == 1 else ""
            yield Sleeper(name, schedule, out, unfit, on=any(runs(machine) for machine in machines))
            continue
        (live_machine,) = machines
        if out := live.foreign.get(text(live_machine["extId"]), ""):
            yield Sleeper(name, schedule, out)
            continue
        own, calendar = declared["schedules"][schedule], declared["calendar"]
        # Up before the hour: it wakes as soon as it would be awake a little later.
        desired = any(hours.awake(own, calendar, at) for at in (moment, moment + lead))
        on, mark = runs(live_machine), live.mark(live_machine)
        action, why = decide(on, mark, desired, mode)
        until = hours.next_change(own, calendar, moment)
        yield Sleeper(name, schedule, "", "", text(live_machine["extId"]), on, desired, action, why, until)


def _unfit(schedule: str, machines: Sequence[Mapping[str, Any]], live: Live, production: Iterable[str]) -> str:
    """Reason for which a machine that should follow hours does not; empty where it does."""
    if len(machines) != 1:
        return "introuvable sur la grappe" if not machines else f"{len(machines)} machines portent ce nom"
    if not schedule:
        return "aucun horaire déclaré"
    pairs = live.pairs(machines[0])
    if pairs & set(production):
        return "sa catégorie la dit en production : elle n’est pas arrêtée"
    if f"{SCHEDULE}:{schedule}" not in pairs:
        return f"n’a pas la catégorie {SCHEDULE}:{schedule} : appliquez l’hébergement"
    return ""


def decide(on: bool, mark: str, desired: bool, mode: Mode) -> tuple[Action, str]:
    """Action for a machine that follows hours, and its reason."""
    if mode == "bring_back":
        if not mark:
            return "", "les horaires ne l’ont pas arrêtée"
        if not on:
            return "bring_back", "rallumée à la demande, jusqu’à ses prochaines heures"
        return ("hold", "laissée en marche jusqu’à ses prochaines heures") if mark == ASKED else ("", "déjà rallumée")
    if desired:
        if on:
            return ("clear", "en marche, à ses heures") if mark else ("", "en marche, à ses heures")
        return ("wake", "rallumée pour ses heures") if mark else ("", "arrêtée, mais pas par ses horaires")
    if on and mark == ASLEEP:
        return "", "rallumée par quelqu’un, laissée jusqu’à ses heures"
    if on:
        return "sleep", "arrêtée hors de ses heures"
    return ("settle", "s’est arrêtée après le délai") if mark == ASKED else ("", "dort")


def figure(
    machines: Sequence[Sleeper],
    live: Live,
    declared: Mapping[str, Mapping[str, Any]],
    refused: Mapping[str, str],
    source: str,
    date: str,
) -> dict[str, Any]:
    """Figure F3: share of the eligible machines, out of production, with applied hours.

    A machine that nobody declares is unknown: it may be eligible, and never counts as conforming. `declared` are the
    machines by name.
    """
    eligible = [sleeper for sleeper in machines if not sleeper.out]
    applied = [sleeper for sleeper in eligible if not sleeper.unfit and sleeper.name not in refused]
    unknown = sorted(
        text(machine["name"])
        for machine in live.machines
        if machine["name"] not in declared and text(machine["extId"]) not in live.foreign
    )
    excluded = [{"name": sleeper.name, "why": sleeper.out} for sleeper in machines if sleeper.out]
    for why in sorted(set(live.foreign.values())):
        number = sum(reason == why for reason in live.foreign.values())
        excluded.append({"name": agreed(number, "machine(s)"), "why": why})
    total = len(eligible) + len(unknown)
    return {
        "id": "F3",
        "title": "Environnements hors production éligibles dont l’horaire d’arrêt est appliqué",
        "value": round(len(applied) / total, 4) if total else None,
        "target": TARGET,
        "numerator": len(applied),
        "denominator": total,
        "source": source,
        "date": date,
        "method": "relevé",
        "eligible": [
            {"name": sleeper.name, "schedule": sleeper.schedule, "applied": sleeper in applied,
             "why": sleeper.unfit or refused.get(sleeper.name, "")}
            for sleeper in eligible
        ],
        "excluded": excluded,
        "unknown": unknown,
        "to_confirm": [sleeper.name for sleeper in eligible if declared[sleeper.name].get("status") == "to_confirm"],
    }  # fmt: skip


def in_words(result: Mapping[str, Any]) -> list[str]:
    """Sentences of the figure: value, origin, excluded machines."""
    value = "sans objet" if result["value"] is None else f"{result['value']:.0%}".replace("%", " %")
    fraction = f"{result['numerator']} sur {result['denominator']}, cible {result['target']:.0%}".replace("%", " %")
    missing = [f"{machine['name']} ({machine['why']})" for machine in result["eligible"] if not machine["applied"]]
    date = result["date"].replace("T", " à ")
    lines = [f"F3 : {value} ({fraction}) ; {result['source']}, le {date}, {result['method']}."]
    lists = (
        ("Sans horaire appliqué", missing),
        ("Éligibles à valider par la DSI", result["to_confirm"]),
        ("Que personne ne déclare", result["unknown"]),
        ("Exclues", [f"{machine['name']} ({machine['why']})" for machine in result["excluded"]]),
    )
    return lines + [f"{title} : {', '.join(names)}." for title, names in lists if names]
