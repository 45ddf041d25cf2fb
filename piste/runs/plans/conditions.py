"""Conditions of running and writing: an environment, no freeze, a window, a committed tree.

Each function takes the variables of a host, as Ansible resolves them, so that a saved plan is refused in the same
words as a task.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from piste.engine.clock import TOWN
from piste.engine.converge.errors import Misused, Untraced
from piste.engine.converge.module import Waits
from piste.engine.converge.task_log import DECIDED, WAY_OUT, trace_lost, untraced
from piste.engine.repository import ROOT, uncommitted
from piste.engine.transport.shared import VARIABLE, Shared
from piste.engine.words import some
from piste.runs.records.recorder import environments_of, node_name

LAB = "lab"
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_WAY_OUT = """piste apply PLAN --outside-window "Nom : raison", ou -e '{"piste_outside_window": "Nom : raison"}'"""
"""JSON, since Ansible cuts the form `key=value` at its spaces."""
_KEEP = """--uncommitted "Nom : raison", ou -e '{"piste_uncommitted": "Nom : raison"}'"""
_ANYWAY = """--forgotten "Nom : raison", ou -e '{"piste_forgotten": "Nom : raison"}'"""
_SHOWN = 5


class Frozen(Misused):
    """A declared freeze forbids any write now."""

    code = "PISTE-E032"


class OutsideWindow(Misused):
    """No change window of the site is open now."""

    code = "PISTE-E033"


class Forgotten(Misused):
    """The memory of this machine is older than its journal: it was rebuilt from a copy."""

    code = "PISTE-E038"


class Uncommitted(Misused):
    """The working tree has changes that no commit holds."""

    code = "PISTE-E035"


def check_environment(variables: Mapping[str, Any]) -> str:
    """Name the environment. Refuse none, several, or a declaration without its shared part."""
    if variables.get("piste_model") != 1:
        raise Misused(
            "la déclaration commune (group_vars) n’est pas là",
            why="Un clone sans liens symboliques la perd en silence.",
            todo="Vérifiez que inventories/town/group_vars mène à group_vars, et l’inventaire passé à -i.",
        )
    names = environments_of(variables)
    if len(names) != 1:
        raise Misused(
            f"un environnement et un seul est attendu, trouvé : {', '.join(names) or 'aucun'}",
            todo="Passez -i inventories/town et un seul de -i inventories/lab, -i inventories/production.",
        )
    if names == [LAB]:
        return LAB
    # Imported here: the model costs half a second, which a run of the laboratory need not pay.
    from piste.town.model.dates import OTHER_DAY

    if os.environ.get(OTHER_DAY):
        raise Misused(
            f"{OTHER_DAY} fait croire à un autre jour, et {names[0]} n’est pas le laboratoire",
            todo=f"Retirez cette variable : unset {OTHER_DAY}.",
        )
    return names[0]


def check_vault(environment: str, root: Path = ROOT) -> None:
    """Refuse an environment whose inventory counts on an absent vault, before a value is needed."""
    folder = root / "inventories" / environment / "group_vars" / "all"
    if environment == LAB or any(folder.glob("vault.y*ml")) or not _counts_on_vault(folder):
        return
    vault = (folder / "vault.yml").relative_to(root)
    raise Misused(
        f"l’environnement « {environment} » n’a pas de coffre",
        where=str(vault),
        why="Ses inventaires y prennent leurs secrets. Rien n’a été lu ni écrit.",
        todo=f"Faites-le, chiffré dès le premier octet : piste init {environment} ; sans piste, ansible-vault create "
        f"{vault}, d’après vault.yml.example (inventories/{environment}/SECRETS.md).",
    )


def refuse_closed_vault(environment: str, said: str) -> None:
    """Refuse a run that Ansible has not begun, as the vault does not open; `said` by it."""
    if re.search(r"vault secrets|vault password|[Dd]ecryption failed", said):
        raise Misused(
            f"le coffre de « {environment} » ne s’ouvre pas",
            why="Son mot de passe n’est pas donné, ou n’est pas le sien. Rien n’a été lu ni écrit.",
            todo="Donnez-le : ANSIBLE_VAULT_PASSWORD_FILE, vers un fichier hors du dépôt.",
        )


def _counts_on_vault(folder: Path) -> bool:
    return any("{{ vault_" in file.read_text("utf-8") for file in folder.glob("*.yml"))


def check_write(variables: Mapping[str, Any], waits: Waits) -> None:
    """Refuse a write that may not be done now, or from what this machine has forgotten."""
    check_moment(variables, waits=waits)
    if waits == "window":
        check_memory(variables)


def check_moment(variables: Mapping[str, Any], now: datetime | None = None, waits: Waits = "window") -> None:
    """Refuse to write during a freeze, or outside the change windows. `now` is the town's time."""
    moment = now or datetime.now(TOWN).replace(tzinfo=None)
    if waits != "nothing":
        _check_freeze(variables, moment)
    if waits == "window":
        _check_window(variables, moment)
        check_tree(variables)


def check_tree(variables: Mapping[str, Any]) -> None:
    """Refuse a tree with uncommitted changes, where the environment asks for a commit."""
    if not is_asked(variables, "piste_committed_only"):
        return
    reason = variables.get("piste_uncommitted")
    if reason is not None:
        if not DECIDED.fullmatch(str(reason)):
            fault = "piste_uncommitted doit dire qui en décide et pourquoi"
            raise Uncommitted(fault, todo=f"Donnez les deux : {_KEEP}.")
        return
    # Once for all tasks of a run. A command that only asks has no folder of a run, and leaves none to its passes.
    run = os.environ.get(VARIABLE)
    if changed := Shared(Path(run), "tree").once("uncommitted", uncommitted) if run else uncommitted():
        raise Uncommitted(
            "le dépôt contient des modifications non enregistrées",
            where=some(changed, _SHOWN),
            why="Personne ne pourrait relire ce qui serait fait. Rien n’a été écrit.",
            todo=f"Enregistrez-les (git commit) ; s’il le faut, dites qui en décide et pourquoi : {_KEEP}.",
        )


def check_memory(variables: Mapping[str, Any]) -> None:
    """Refuse to write, but in the lab, from readings that this machine made and has forgotten."""
    reason, names = variables.get("piste_forgotten"), environments_of(variables)
    if names in ([], [LAB]):
        return
    if reason is not None:
        if not DECIDED.fullmatch(str(reason)):
            raise Forgotten("piste_forgotten doit dire qui en décide et pourquoi", todo=f"Donnez les deux : {_ANYWAY}.")
        return

    def forgotten() -> list[list[str]]:
        # Imported here: the readings and the journal, which a run of the laboratory need not read.
        from piste.runs.plans.forgotten import findings

        return [[finding.what, finding.todo] for finding in findings(names[0], node_name())]

    run = os.environ.get(VARIABLE)
    for what, todo in Shared(Path(run), "memory").once("forgotten", forgotten) if run else forgotten():
        raise Forgotten(
            what,
            why="Ce qui serait écrit reposerait sur ce qui n’est plus su. Rien n’a été écrit.",
            todo=f"{todo} ; s’il le faut, dites qui en décide et pourquoi : {_ANYWAY}.",
        )


def check_trace(variables: Mapping[str, Any]) -> str:
    """Refuse to write without a record.

    Give why there is none, or nothing; a person may let it be so.
    """
    waived = check_waiver(variables)
    lost = trace_lost(os.environ, str(os.getppid()))
    if lost and not waived:
        raise untraced(lost)
    return lost


def check_waiver(variables: Mapping[str, Any]) -> bool:
    """Tell whether a person lets a run write without a record; refuse a reason without its name."""
    reason = variables.get("piste_without_journal")
    if reason is not None and not DECIDED.fullmatch(str(reason)):
        raise Untraced(
            "piste_without_journal doit dire qui en décide et pourquoi",
            why="Rien n’a été écrit.",
            todo=f"Donnez les deux : {WAY_OUT}.",
        )
    return reason is not None


def refusals(hosts: Iterable[Mapping[str, Any]], now: datetime | None = None) -> list[Misused]:
    """Refuse the hosts that may not be written now; those of the same reason share a refusal."""
    by_reason: dict[tuple[type[Misused], str, str, str], list[str]] = {}
    for variables in hosts:
        try:
            check_moment(variables, now)
        except Misused as refused:
            same = (type(refused), refused.what, refused.why, refused.todo)
            by_reason.setdefault(same, []).append(refused.where)
    return [
        kind(what, where=", ".join(dict.fromkeys(where)), why=why, todo=todo)
        for (kind, what, why, todo), where in by_reason.items()
    ]


def _check_freeze(variables: Mapping[str, Any], now: datetime) -> None:
    moment = f"{now:%Y-%m-%dT%H:%M}"
    host = variables.get("inventory_hostname", "")
    for freeze in variables.get("freezes") or ():
        if freeze["from"] <= moment <= freeze["until"] and host not in freeze.get("except", ()):
            raise Frozen(
                f"les écritures sont gelées jusqu’au {freeze['until'].replace('T', ' à ')} : {freeze['why']}",
                where=host,
                why="Rien n’a été écrit.",
                todo="Attendez sa fin ; s’il le faut, ajoutez le site à « except » (group_vars/all/freezes.yml).",
            )


def _check_window(variables: Mapping[str, Any], now: datetime) -> None:
    if not is_asked(variables, "piste_change_windows"):
        return
    host = variables.get("inventory_hostname", "")
    reason = variables.get("piste_outside_window")
    if reason is not None:
        if not DECIDED.fullmatch(str(reason)):
            raise OutsideWindow(
                "piste_outside_window doit dire qui en décide et pourquoi",
                where=host,
                why="Rien n’a été écrit.",
                todo=f"Donnez les deux : {_WAY_OUT}.",
            )
        return
    if closing(variables, now):
        return
    following = min((start for start, _ in _around(variables, now) if start > now), default=None)
    when = f"Prochaine ouverture : {in_words(following)}." if following else "Aucune n’est déclarée pour ce site."
    raise OutsideWindow(
        "hors de la fenêtre de changement",
        where=host,
        why=f"{when} Rien n’a été écrit.",
        todo=f"Attendez-la ; s’il le faut, dites qui en décide et pourquoi : {_WAY_OUT}.",
    )


def closing(variables: Mapping[str, Any], now: datetime) -> datetime | None:
    """Give the end of the window that is open now, cut by a freeze; None where none is open."""
    ends = [end for start, end in _around(variables, now) if start <= now < end]
    if not ends or not is_asked(variables, "piste_change_windows"):
        return None
    host = variables.get("inventory_hostname", "")
    mine = (freeze for freeze in variables.get("freezes") or () if host not in freeze.get("except", ()))
    starts = (datetime.fromisoformat(freeze["from"]) for freeze in mine)
    return min([max(ends), *(start for start in starts if start > now)])


def is_asked(variables: Mapping[str, Any], name: str) -> bool:
    """Read a variable as true or false; the command line gives it as text."""
    return str(variables.get(name, "")).lower() in ("true", "yes", "1")


def _around(variables: Mapping[str, Any], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """List the windows, start and end, from yesterday, whose night may last, to a week from now."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for window in (variables.get("change_windows") or {}).get("windows") or ():
        for offset in range(-1, 8):
            day = midnight + timedelta(days=offset)
            if _ENGLISH[day.weekday()] in window["days"]:
                start, end = (day + _since_midnight(window[name]) for name in ("start", "end"))
                yield start, end if end > start else end + timedelta(days=1)


def _since_midnight(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def in_words(moment: datetime) -> str:
    return f"{_DAYS[moment.weekday()]} {moment:%d/%m à %H:%M}"
