"""Operations that a run, or the application of a saved plan, has done, for an undo.

They come from the journal, whose chain is verified first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.engine.converge.allowed import object_of
from piste.engine.converge.errors import Missing, Misused
from piste.engine.kind import ACCOUNT
from piste.engine.repository import ENVIRONMENTS
from piste.engine.words import agreed
from piste.runs.plans import saved
from piste.runs.records.chain import Chain, journal_folder
from piste.runs.records.journal import UnknownRun, chains, find, in_progress, latest, reached, verify_chain
from piste.runs.records.record import Entry, Record, Shape, fits
from piste.systems import kinds

_OWNER = re.compile(r"\w[\w-]{0,79}")
_PART: Shape = {"config?": [dict], "absent?": [str]}


class NotTakenBack(Misused):
    """The record of the run is unreliable, or the run is not finished."""

    code = "PISTE-E041"


@dataclass(slots=True)
class Done:
    """The operations done; `contents` are those of removed objects, `remarks` come first."""

    name: str
    environment: str
    operations: list[dict[str, Any]] = field(default_factory=list)
    contents: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, tasks: Iterable[Entry]) -> None:
        for task in tasks:
            self.operations += task["operations"]
            self.contents += task.get("contents", [])


def what_was_done(name: str) -> Done:
    """Find the operations of a plan (id or file) or of a run (id or its beginning).

    Raises `NotTakenBack`, `Missing`, and `StalePlan` for an altered plan.
    """
    root = journal_folder()
    for chain in chains(root):
        chain.close_killed()
    if saved.is_file(name) or name in saved.known():
        return _by_plan(saved.read(name), root)
    done = _by_run(name, root)
    _refuse_strange(done)
    return done


def _by_plan(plan: Mapping[str, Any], root: Path) -> Done:
    """Gather the operations of a plan that its applications did or began before a stop."""
    done = Done(plan["id"], plan["environment"])
    _refuse_running([header for header in in_progress(root) if header.get("plan") == plan["id"]])
    records = [record for record in latest(root, plan["environment"]) if record["plan"] == plan["id"]]
    chains = {node: reached(_chain(root, record)) for node, record in {each["node"]: each for each in records}.items()}
    altered = [record["id"] for record in records if record["id"] not in chains[record["node"]]]
    written = [task for record in records for task in record["tasks"] if not task["check"]]
    if altered or not written:
        why = f"la trace {', '.join(altered)} a été altérée" if altered else "aucune application n’est au journal"
        done.remarks.append(f"{why} : l’inverse est celui du plan entier")
        done.operations = [described for described in saved.to_do(plan) if described["kind"] != ACCOUNT]
        if done.operations != saved.to_do(plan):
            # Somebody else may have shut an account that this plan never touched.
            done.remarks.append("rien ne prouve ce qui a été fait de ses comptes : aucun n’est rendu ni repris")
        return done
    done.add(written)
    touched = set(map(object_of, done.operations))
    done.operations = [described for described in saved.to_do(plan) if object_of(described) in touched]
    done.remarks += _stopped(written)
    return done


def _by_run(name: str, root: Path) -> Done:
    _refuse_running([header for header in in_progress(root) if header["id"].startswith(name)])
    try:
        record = find(root, name)
    except UnknownRun as unknown:
        plans = ", ".join(saved.known()[-5:]) or "aucun"
        raise Missing(f"ni plan ni exécution : {unknown}", todo=f"Les derniers plans : {plans}.") from None
    chain = _chain(root, record)
    if record["id"] not in reached(chain):
        with chain.lock():
            findings = verify_chain(chain)
        raise NotTakenBack(
            "la trace de cette exécution, ou une qui la suit, a été altérée : rien n’est repris d’elle",
            where=record["id"],
            todo="Voyez qui a touché au journal ; l’état voulu se refait depuis la déclaration.\n"
            + "".join(f"  - {finding}\n" for finding in findings),
        )
    done = Done(record["id"], record["environment"])
    written = [task for task in record["tasks"] if not task["check"]]
    if record["tasks"] and not written:
        done.remarks.append("cette exécution était un essai (--check) : elle n’a rien écrit")
    if record["outcome"] == "killed":
        done.remarks.append("cette exécution a été interrompue : ce qu’elle avait fait ou commencé est repris")
    done.add(written)
    done.remarks += _stopped(written)
    return done


def _refuse_strange(done: Done) -> None:
    """Refuse a record that an undo cannot read: a right hash proves nothing of its content."""
    known = {ACCOUNT, *(kind.table.name for kind in kinds.KINDS)}
    strange = {str(described["kind"]) for described in done.operations} - known
    contents = [holds for described in done.contents for holds in described["holds"].items()]
    strange |= {str(name) for name, part in contents if name not in kinds.BY_MODULE or not fits(part, _PART)}
    # The arguments of Ansible: the folder of an inventory, and hosts.
    strange |= {done.environment} - set(ENVIRONMENTS)
    owners = {str(described["owner"]) for described in (*done.operations, *done.contents)}
    strange |= {owner for owner in owners if not _OWNER.fullmatch(owner)}
    if strange:
        raise NotTakenBack(
            f"la trace parle de ce que Piste ne connaît pas : {', '.join(sorted(strange))}",
            where=done.name,
            todo="Reprenez-la avec la version de Piste qui l’a faite, ou refaites l’état voulu depuis la déclaration.",
        )


def _chain(root: Path, record: Record) -> Chain:
    return Chain(root / record["environment"] / record["node"])


def _refuse_running(headers: Iterable[Mapping[str, Any]]) -> None:
    running = ", ".join(header["id"] for header in headers)
    if running:
        raise NotTakenBack("cette exécution n’est pas finie", where=running, todo="Attendez sa fin, puis reprenez.")


def _stopped(tasks: Iterable[Entry]) -> list[str]:
    """List the tasks that may not have done all that is taken back."""
    return [
        f"{task['host']} / {task['module']} : tâche {how}, "
        f"{agreed(len(task['operations']), 'opération(s) reprise(s), faite(s)')} en tout ou en partie"
        for task in tasks
        for how in [{"killed": "tuée en pleine écriture", "failed": "arrêtée en route"}.get(task["status"])]
        if how and task["operations"]
    ]
