"""Rehearsals of the runbooks of incidents: what they read, tried on the lab, timed."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from piste.engine.clock import DAY, in_town
from piste.engine.converge.moments import zoned
from piste.engine.converge.private import private_folder, write_private
from piste.engine.converge.untrusted import read_plain
from piste.engine.finding import Finding, State
from piste.engine.repository import ROOT
from piste.engine.words import safe, some
from piste.exports.runbooks import promised
from piste.exports.runbooks.calls import reachable
from piste.exports.runbooks.incidents import roles, words, written
from piste.exports.runbooks.step import DIAGNOSIS, ERROR, UNKNOWN, StepRun
from piste.readings import file, store
from piste.readings.belief import Last, Reading, Tried, Unread
from piste.readings.table import SUBJECTS
from piste.runs.records.chain import Damaged, encode, seal, unseal
from piste.town.declared import serving
from piste.town.model.dates import now
from piste.town.model.derived import Derived
from piste.town.model.forms import Record
from piste.town.model.freshness import ages
from piste.town.model.incidents import Incident, notice
from piste.town.model.wording import first_fault

if TYPE_CHECKING:
    from piste.exports.runbooks.rehearsal import Shell

SUBJECT = SUBJECTS["crisis"]
LAB, RESULT, REGISTER = "lab", "result.json", "group_vars/all/incidents.yml"
READ_ONLY = {"PISTE_READ_ONLY": "1", "LC_ALL": "C.UTF-8"}
"""What a rehearsed command runs with: no client of any system can write."""
_STALE = timedelta(days=31)
"""Days without a word after which the register says nothing of today."""


class Drill(Record):
    """A rehearsal: its moment, its steps in order, the command that failed first in each.

    `tried` counts its commands, `unread` names those whose answer was unknown.
    """

    incident: str
    made: str
    seconds: float
    steps: list[StepRun]
    tried: int = 0
    unread: list[str] = Field(default_factory=list)

    @property
    def failed(self) -> list[StepRun]:
        return [step for step in self.steps if step["outcome"] == "failed"]


def rehearse(
    town: Derived, name: str, shell: Shell, tell: Callable[[StepRun], None], clock: Callable[[], float] = time.monotonic
) -> Drill:
    """Try what a runbook reads, on the lab, timed; a step that reads nothing is a procedure."""
    site = next(iter(serving(town)), "SITE")
    things = [asset["name"] for asset in town.assets if asset["site"] == site] or ["APPAREIL"]
    said = words(LAB, site, things[0], f"{now():%Y-%m}")
    began, steps, tried, unread = clock(), [], 0, list[str]()
    kept = {"key": "freeze", "title": "Garder les preuves"}
    kept["reads"] = [line for each in written()["freeze"] for line in each.get("reads", ())]  # type: ignore[assignment]
    for entry in (*written()["kinds"][name]["steps"], kept):
        start, lines = clock(), [line.format_map(said) for line in entry.get("reads", ())]
        done = StepRun(key=entry["key"], title=entry["title"], outcome="done" if lines else "by_hand", seconds=0.0,
                       rto_hours=None, command=None, said="")  # fmt: skip
        for line in lines:
            ran = shell.run(f"{shlex.quote(sys.executable)} -m piste.cli {line.removeprefix('piste ')}")
            tried += 1
            unread += [line] if ran.code == UNKNOWN else []
            if ran.code not in DIAGNOSIS or (ran.code == ERROR and not ran.stated):
                done["outcome"], done["command"], done["said"] = "failed", line, ran.said[-1500:]
                break
        done["seconds"] = round(clock() - start, 1)
        steps.append(done)
        tell(done)
    spent = round(clock() - began, 1)
    return Drill(incident=name, made=now().isoformat(), seconds=spent, steps=steps, tried=tried, unread=unread)


def keep(drill: Drill) -> None:
    """Seal and keep the last rehearsal of a runbook, beside the readings of the lab."""
    path = private_folder(_folder() / drill.incident) / RESULT
    write_private(path, encode(seal(drill.model_dump(mode="json"))))


def terminal() -> Shell:
    """Open a terminal of this repository in which no command writes on a system."""
    # Imported here: what judges the rehearsals runs none.
    from piste.exports.runbooks.rehearsal import Shell

    return Shell(ROOT, {**os.environ, **READ_ONLY})


def _folder() -> Path:
    return file.place(LAB).parent / SUBJECT.name


def last(environment: str) -> Mapping[str, Tried[Drill]]:
    """Give the last rehearsal of each runbook: only the lab has any."""
    return {name: tried for name in written()["kinds"] if (tried := _read(name))}


def _read(name: str) -> Tried[Drill] | None:
    path = _folder() / name / RESULT
    try:
        content = unseal(read_plain(path))
        drill = Drill.model_validate({key: value for key, value in content.items() if key != "hash"})
        if drill.incident != name:
            raise ValueError(f"celle de « {safe(drill.incident)} »")
        return Reading(drill, zoned(drill.made))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, Damaged) as error:
        why = first_fault(error, Drill)
        return Unread(f"la répétition gardée n’est plus ce qui a été scellé ({why}) : {path}", now())


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge as `judged` does; a lab on which nothing was rehearsed says nothing."""
    if environment != LAB or last(environment):
        yield from judged(town, environment)
        yield from promised.findings(town, environment)


def judged(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge runbooks by their rehearsals, roles by their contacts, breaches by their notices."""
    known, answered = store.last(SUBJECT, environment, ages(town)), reachable(town)
    for name, kind in written()["kinds"].items():
        yield _of_drill(name, kind["title"], known.get(name))
    acting = {role for name in written()["kinds"] for role in roles(name)}
    yield _of_roles([label for label in written()["roles"].values() if label in acting - answered], len(acting))
    yield from _of_register(town)


def _of_roles(silent: Sequence[str], of: int) -> Finding:
    id_ = f"{SUBJECT.name}.roles"
    if not silent:
        return Finding(id_, "ok", f"rôles de crise : les {of} sont joignables par téléphone")
    said = f"{len(silent)} sur {of} à renseigner, nul n’y est déclaré avec un téléphone ({', '.join(silent)})"
    return Finding(id_, "wrong", f"rôles de crise : {said}", "Déclarez un contact à chaque rôle (host_vars d’un site)")


def _of_drill(name: str, title: str, tried: Last[Drill] | None) -> Finding:
    id_, again = f"{SUBJECT.name}.drill.{name}", f"piste runbook rehearse {name}"
    if not isinstance(tried, Reading):
        why = tried.why if tried else "jamais répétée"
        return Finding(id_, "unknown", f"procédure « {title} » : {why}", again)
    day, failed = in_town(tried.read_at, DAY), tried.value.failed
    if failed:
        said = f"a échoué à « {safe(failed[0]['title'])} » ({safe(failed[0]['command'] or '')})"
        return Finding(id_, "wrong", f"procédure « {title} » : sa répétition du {day} {said}", again)
    tries, unread = tried.value.tried, tried.value.unread
    said = f"procédure « {title} » : répétée au laboratoire le {day}"
    if unread:
        silent = "où rien n’a répondu" if len(unread) == tries else f"sans réponse de {some([*map(safe, unread)])}"
        return Finding(id_, "unknown", f"{said}, {silent}", f"piste lab up, puis {again}")
    return Finding(id_, "ok", said)


def _of_register(town: Derived) -> Iterator[Finding]:
    register = town.commune["incidents"] if town.commune else None
    breaches = [made for entry in register["entries"] if (made := _of_breach(entry))] if register else []
    yield from breaches
    id_ = f"{SUBJECT.name}.breach"
    if register is None or date.fromisoformat(register["until"]) < (now() - _STALE).date():
        why = f"tenu jusqu’au {in_town(register['until'], DAY)}" if register else "nul ne le dit tenu"
        yield Finding(id_, "unknown", f"registre des violations : {why}", f"Tenez-le ({REGISTER}, until)")
    elif not breaches:
        yield Finding(id_, "ok", "violations de données : aucune au registre")


def _of_breach(entry: Incident) -> Finding | None:
    """Judge the notice of a breach; None where the incident is none."""
    made, breach = notice(entry, now()), entry["breach"]
    if made is None or breach is None:
        return None
    due, informed = in_town(made.due) if made.due else "", breach["persons_informed"]
    informed = informed if informed and zoned(informed) <= now() else None
    judged_as: Mapping[str, tuple[State, str, str]] = {
        "notified": ("ok", f"CNIL prévenue en {made.hours} h", ""),
        "unneeded": ("ok", "CNIL non prévenue, la raison est écrite", ""),
        "unknown": ("unknown", "nul ne dit quand la Ville l’a su", "Inscrivez-le (known)"),
        "due": ("wrong", f"la CNIL est à prévenir avant le {due}", "Notifiez, ou écrivez pourquoi non (why_not)"),
        "overdue": ("wrong", f"CNIL non prévenue le {due}", "Notifiez, avec les motifs du retard (late)"),
        "late": ("ok", f"CNIL prévenue en {made.hours} h, les motifs du retard sont écrits", ""),
    }
    state, said, todo = judged_as[made.state]
    if breach["why_not"] and made.state in ("due", "overdue"):
        said = f"un risque est inscrit (risk), que why_not ne lève pas ; {said}"
        todo = "Notifiez : seul un risque peu probable en dispense (RGPD, article 33)"
    if made.state == "late" and not breach["late"]:
        state, said, todo = "wrong", f"CNIL prévenue en {made.hours} h, sans motif du retard", "Écrivez-le (late)"
    elif state == "ok" and breach["risk"] is None:
        state, said, todo = "unknown", f"{said} ; nul ne dit le risque pour les personnes", "Inscrivez-le (risk)"
    elif state == "ok" and breach["risk"] == "high" and not (informed or breach["persons_why_not"]):
        state, said, todo = "wrong", "risque élevé, personnes non informées", "Informez-les, ou écrivez pourquoi non"
    what = f"violation {safe(entry['id'])} : {said}"
    by = in_town(made.due, "%Y-%m-%d") if made.due and made.state == "due" else ""
    return Finding(f"{SUBJECT.name}.breach.{safe(entry['id'])}", state, what, todo, gravity="critical", by=by)
