"""Checks of `piste doctor` on this machine, without network: each gives a finding or more."""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from piste.engine.converge.errors import PisteError
from piste.engine.finding import Finding
from piste.engine.repository import ROOT
from piste.engine.words import agreed

if TYPE_CHECKING:
    from piste.town.model.derived import Derived

PYTHON = (3, 12)
SHOWN = 5
"""Most names of a list that are shown; the others are counted."""


def repository() -> Iterator[Finding]:
    """Name the clone and its commit."""
    from piste.engine.repository import commit

    head, clean = commit()
    state = f"enregistrement {head[:10]}" if head else "sans historique git"
    changed = "" if clean or not head else ", avec des modifications non enregistrées"
    yield Finding("repository", "ok", f"dépôt {ROOT}, {state}{changed}")


def packages(lock: Path = ROOT / "requirements" / "demo.txt") -> Iterator[Finding]:
    """Compare Python and every package to the versions that the lock pins for this machine."""
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        yield Finding("versions.python", "wrong", f"Python {running}", "Installez Python 3.12 ou plus récent.")
    else:
        yield Finding("versions.python", "ok", f"Python {running}")
    if not lock.is_file():
        yield Finding("versions.packages", "unknown", f"{lock} n’est pas là", "Lancez piste depuis un clone du dépôt.")
        return
    # A requirement with a condition is for another system or another interpreter.
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.+]+) \\$", lock.read_text("utf-8"), re.MULTILINE))
    wrong = [f"{name} {_installed(name)} au lieu de {wanted}" for name, wanted in pinned.items()
             if _installed(name) != wanted]  # fmt: skip
    core = f"ansible-core {_installed('ansible-core')}"
    if wrong:
        what = f"{core} ; {agreed(len(wrong), 'paquet(s)')} hors de la version figée : {_some(wrong)}"
        yield Finding("versions.packages", "wrong", what, "Lancez « make demo », qui remet .venv à jour.")
    else:
        yield Finding("versions.packages", "ok", f"{core}, {len(pinned)} paquets aux versions figées")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _some(names: list[str]) -> str:
    more = f"… et {agreed(len(names) - SHOWN, 'autre(s)')}" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def declaration(inventory: Path = ROOT / "inventories" / "town") -> Iterator[Finding]:
    from piste.town.derived import derivation
    from piste.town.kept import Inputs

    town = derivation(Inputs(inventory))
    if town.errors:
        first = town.errors[0]
        what = f"la déclaration a {agreed(len(town.errors), 'erreur(s)')}, dont {first.rule} ({first.file})"
        yield Finding("declaration", "wrong", what, "« piste validate » les donne toutes, avec fichier et ligne.")
    else:
        yield Finding("declaration", "ok", f"la déclaration est juste : {len(town.sites)} sites")


def environment(name: str, variables: Mapping[str, Any]) -> Iterator[Finding]:
    """Check that the inventories make the environment, and it alone."""
    from piste.runs.plans.conditions import check_environment
    from piste.runs.records.recorder import environments_of

    try:
        check_environment(variables)
    except PisteError as error:
        yield Finding("environment", "wrong", error.what, error.todo)
        return
    (other,) = environments_of(variables)
    if other != name:
        todo = f"Corrigez piste_environment_{other} dans inventories/{name}."
        yield Finding("environment", "wrong", f"inventories/{name} se dit « {other} »", todo)
    else:
        yield Finding("environment", "ok", f"un environnement et un seul : {name}")


def accounts(town: Derived, environment: str) -> Iterator[Finding]:
    """Say F19 with the accounts and their review, then the level of the directory."""
    from piste.readings.findings import findings, summary
    from piste.readings.table import SUBJECTS

    every = findings(town, environment, [SUBJECTS["accounts"], SUBJECTS["directory"]])
    yield from (line for line in summary(town, environment, every) if line.id in SUBJECTS)


def vault(folder: Path) -> Iterator[Finding]:
    """Check that an environment has its vault, and not in clear; `folder` is its inventory."""
    from piste.runs.plans.conditions import check_vault

    files = sorted(folder.glob("group_vars/all/vault.y*ml"))
    clear = [file.name for file in files if not file.read_bytes().startswith(b"$ANSIBLE_VAULT;")]
    if clear:
        todo = f"Chiffrez-le : ansible-vault encrypt {folder / 'group_vars/all' / clear[0]} ; changez les secrets."
        yield Finding("vault.encrypted", "wrong", f"le coffre {clear[0]} est en clair", todo)
    elif files:
        yield Finding("vault.encrypted", "ok", "le coffre est chiffré")
    else:
        try:
            check_vault(folder.name, folder.parents[1])
        except PisteError as missing:
            yield Finding("vault.encrypted", "wrong", missing.what, missing.todo)


def beliefs(name: str) -> Iterator[Finding]:
    """Count the beliefs about the systems by state; name those that are refuted or in doubt."""
    from piste.readings.belief import FAILED
    from piste.systems.beliefs.kept import said_once

    try:
        yield from said_once(name)
    except FAILED as error:
        yield Finding("beliefs", "unknown", f"croyances : {error}", "piste beliefs --check")


def lacking_keys(variables: Mapping[str, Any]) -> list[str]:
    """List the keys that the vault lacks: variables take them, without a default."""
    expressions = re.findall(r"\{\{(.*?)\}\}", json.dumps(variables, default=str))
    asked = [key for text in expressions for key in re.findall(r"\b(vault_\w+)\b(?!\s*\|\s*d(?:efault)?\()", text)]
    return [key for key in dict.fromkeys(asked) if key not in variables]


def vault_keys(name: str, variables: Mapping[str, Any]) -> Iterator[Finding]:
    """Check that the vault has each key that the inventory takes from it."""
    file = f"inventories/{name}/group_vars/all/vault.yml"
    if lacking := lacking_keys(variables):
        todo = (
            f"Ajoutez-les : ansible-vault edit {file} (null : pas encore de valeur). vault.yml.example les donne "
            f"toutes, inventories/{name}/SECRETS.md dit où prendre chacune."
        )
        yield Finding("vault.keys", "wrong", f"il manque au coffre : {', '.join(lacking)}", todo)
    elif any(key.startswith("vault_") for key in variables):
        yield Finding("vault.keys", "ok", "le coffre a toutes les clés que l’inventaire lui demande")


def unreadable(said: str) -> Finding:
    """Explain why Ansible could not read the inventories: most often the password of the vault."""
    if re.search(r"vault|decrypt", said, re.IGNORECASE):
        todo = "Donnez le mot de passe du coffre : ANSIBLE_VAULT_PASSWORD_FILE, vers un fichier hors du dépôt."
        return Finding("vault.readable", "wrong", f"le coffre ne s’ouvre pas : {said[:200]}", todo)
    return Finding("inventory", "wrong", f"l’inventaire est illisible : {said[:200]}", "Corrigez le fichier nommé.")


def folders() -> Iterator[Finding]:
    """Check that a run can write its files here, and that no other account reads them."""
    from piste.engine.converge.locks import locks_folder
    from piste.engine.transport.shared import runs_folder
    from piste.runs.plans.saved import folder as plans_folder
    from piste.runs.records.chain import journal_folder

    for name, path, mode in (
        ("run", runs_folder(), None),
        ("plans", plans_folder(), 0o700),
        ("journal", journal_folder(), 0o700),
        ("locks", locks_folder(), 0o770 if os.environ.get("PISTE_LOCK_DIR") else 0o700),
    ):
        yield _folder(f"folders.{name}", path, mode)


def _folder(name: str, path: Path, mode: int | None) -> Finding:
    if not path.is_dir():
        if mode is None:
            return Finding(name, "wrong", f"{path} n’est pas un dossier", "Créez-le, ou corrigez XDG_RUNTIME_DIR.")
        return Finding(name, "ok", f"{path} sera fait à la première exécution")
    if not os.access(path, os.W_OK | os.X_OK):
        return Finding(name, "wrong", f"{path} ne se laisse pas écrire", "Corrigez son propriétaire ou ses droits.")
    rights = stat.S_IMODE(path.stat().st_mode)
    if mode is not None and rights & 0o777 & ~mode:
        return Finding(name, "wrong", f"{path} a les droits {rights:o}", f"Lancez : chmod {mode:o} {path}")
    return Finding(name, "ok", f"{path} est accessible")


def journal() -> Iterator[Finding]:
    from piste.runs.records.chain import journal_folder
    from piste.runs.records.journal import verify

    wrong = verify(journal_folder())
    if wrong:
        what = f"le journal n’est pas intact : {_some([str(finding) for finding in wrong])}"
        yield Finding("journal", "wrong", what, "« piste journal verify » dit tout ; gardez le dossier tel qu’il est.")
    else:
        yield Finding("journal", "ok", "le journal est intact")


def log_seals(name: str) -> Iterator[Finding]:
    """Check the seals of the logs, and their last check, on a machine that seals some."""
    from piste.readings.logs.said import findings
    from piste.readings.logs.seals import chains_of, verify_seals
    from piste.town.declared import derived

    if not chains_of(name):
        return
    wrong = verify_seals(name)
    if wrong:
        what = f"les sceaux des journaux ne sont pas intacts : {_some([str(fault) for fault in wrong])}"
        yield Finding("log_seals", "wrong", what, "Gardez la chaîne en l’état, et comparez-la à sa dernière ancre.")
    else:
        yield Finding("log_seals", "ok", "les sceaux des journaux sont intacts")
    yield from findings(derived(name), name)


def locks() -> Iterator[Finding]:
    from piste.engine.converge.locks import in_use

    taken = [lock for lock in in_use() if lock.within(ROOT)]
    for lock in taken:
        todo = "Attendez la fin de son exécution : une autre, sur le même objet, attendrait puis serait refusée."
        yield Finding("locks", "wrong", f"« {lock.words} » est en cours de modification par {lock.holder}", todo)
    if not taken:
        yield Finding("locks", "ok", "personne n’écrit en ce moment depuis ce dépôt")


def lab(root: Path = ROOT) -> Iterator[Finding]:
    """Check that the lab runs, and with the code of this tree."""
    folder = Path(os.environ.get("PISTE_LAB_DIR") or root / ".lab")
    info = folder / "info.json"
    if not _locked(folder / "lab.lock") or not info.is_file():
        yield Finding("lab", "unknown", "le laboratoire n’est pas démarré", "Démarrez-le : piste lab up.")
        return
    started = info.stat().st_mtime
    newer = [path for path in sorted((root / "lab").rglob("*.py")) if path.stat().st_mtime > started]
    if newer:
        what = f"le laboratoire tourne avec un code plus ancien que {newer[0].relative_to(root)}"
        yield Finding("lab", "wrong", what, "Relancez-le : piste lab down ; piste lab up.")
    else:
        yield Finding("lab", "ok", "le laboratoire tourne, avec le code de ce dépôt")


def backups(name: str) -> Iterator[Finding]:
    """Say how the protected sets are; a lab where no copy was ever read has nothing to say."""
    from piste.readings.findings import findings, summary
    from piste.readings.protection import kept
    from piste.readings.table import SUBJECTS
    from piste.town.declared import derived

    town, subject = derived(name), SUBJECTS["copies"]
    if not town.errors and (name != "lab" or kept.last(name)):
        every = summary(town, name, findings(town, name, [subject]))
        todo = "piste backups gaps dit lesquels et pourquoi."
        for finding in every:
            if finding.id == subject.name:
                said = f"{subject.label} : {finding.what}"
                yield replace(finding, what=said, todo="" if finding.state == "ok" else todo)


def computers(name: str) -> Iterator[Finding]:
    """Say if computers are measured; nothing where the measure is not rolled out."""
    from piste.readings.computers.collector import signing
    from piste.readings.computers.findings import findings, program
    from piste.town.declared import derived

    town = derived(name)
    if not town.errors:
        yield from findings(town, name)
        yield from program(town, signing.folder(name, ROOT))


def _locked(path: Path) -> bool:
    """Tell whether a process locks that file."""
    try:
        with open(path, encoding="ascii") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def local(name: str) -> Iterator[Finding]:
    """Run every check of this machine for an environment; a check that breaks is unknown."""
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("repository", repository),
        ("versions", packages),
        ("declaration", declaration),
        ("vault", lambda: vault(ROOT / "inventories" / name)),
        ("folders", folders),
        ("journal", journal),
        ("log_seals", lambda: log_seals(name)),
        ("locks", locks),
        ("backups", lambda: backups(name)),
        ("computers", lambda: computers(name)),
    ]
    if name == "lab":
        checks.append(("lab", lab))
    for id_, check in checks:
        try:
            yield from check()
        except Exception as error:
            todo = "Corrigez la cause, puis relancez « piste doctor »."
            yield Finding(id_, "unknown", f"contrôle impossible : {type(error).__name__} : {error}", todo)
