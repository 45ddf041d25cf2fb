"""A share from a repository of restic: a sample of its files, restored and compared."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import PisteError
from piste.systems.restic.client import Repository
from piste.systems.restic.copies import copies
from piste.trials.restore.method import Answer, Context, Isolation, Steps

SUBSET = "5%"
"""The part of the data that is read to verify a repository."""
MARGIN = 2**20 * 64
"""Bytes that must stay free beside what is restored."""


class Share(Steps):
    """The method: the store is the test's own, else the only store of restic that the set has."""

    def prepare(self, context: Context) -> Isolation:
        store, option = self._store(context)
        if not store:
            why = "aucun dépôt restic n’est donné pour cet ensemble (piste_restic, par le nom de l’endroit)"
            return Isolation("", faults=[why])
        repository = Repository.of(option, context.secrets)
        name = context.test["set"] or ""
        known = sorted(copies(repository, store, name), key=lambda copy: copy["taken_at"], reverse=True)
        how = "un dossier privé de ce poste (0700), que rien ne partage"
        if not known:
            return Isolation(how, faults=[f"{store} n’a aucune copie de {name} (étiquette {name})"])
        copy, faults = known[0], []
        if damage := repository.check(SUBSET):
            faults.append(damage)
        try:
            sample = _sample(repository, copy["id"], context.test["sample"])
        except PisteError as error:
            return Isolation(how, copy, [*faults, error.sentence()])
        context.kept["sample"] = sample
        if not sample:
            faults.append(f"la copie {copy['id'][:8]} n’a aucun fichier")
        needed, room = sum(node.get("size", 0) for node in sample), shutil.disk_usage(_existing(context)).free
        if room < needed + MARGIN:
            faults.append(f"il manque de la place : {needed + MARGIN} octets à écrire, {room} libres")
        return Isolation(how, copy, faults)

    def restore(self, context: Context) -> None:
        repository = Repository.of(self._store(context)[1], context.secrets)
        copy = context.kept["copy"]
        repository.restore(copy["id"], context.folder, [node["path"] for node in context.kept["sample"]])

    def probe(self, context: Context) -> Iterator[Answer]:
        sample, option = context.kept["sample"], self._store(context)[1]
        back = {node["path"]: _digest(context.folder / node["path"].lstrip("/")) for node in sample}
        short = [node["path"] for node in sample if _size(context, node) != node.get("size", 0)]
        yield Answer(
            "Fichiers de l’échantillon",
            f"{len(sample)} fichiers, chacun de la taille que dit la copie",
            f"{len(sample) - len(short)} fichiers sur {len(sample)}",
            "wrong" if short else "conform",
            {"files": back, "missing": short},
        )
        if option.get("source"):
            yield _compared(Path(option["source"]), sample, back)

    def _store(self, context: Context) -> tuple[str, Mapping[str, Any]]:
        given: Mapping[str, Any] = context.options.get("restic") or {}
        wanted = context.test["store"] or (next(iter(given)) if len(given) == 1 else "")
        return (wanted, given[wanted]) if wanted in given else ("", {})


def _sample(repository: Repository, snapshot: str, count: int) -> list[dict[str, Any]]:
    """Choose files that nobody chose: in the order of a digest of the snapshot and their path."""

    def rank(node: Mapping[str, Any]) -> str:
        return hashlib.sha256(f"{snapshot}\0{node['path']}".encode()).hexdigest()

    return sorted(repository.files(snapshot), key=rank)[:count]


def _compared(source: Path, sample: Sequence[Mapping[str, Any]], back: Mapping[str, str | None]) -> Answer:
    """Compare with the originals that have not changed since the copy, by their size and date."""
    same, other, changed = [], [], []
    for node in sample:
        original = source / node["path"].lstrip("/")
        if not _unchanged(original, node):
            changed.append(node["path"])
        elif _digest(original) == back[node["path"]]:
            same.append(node["path"])
        else:
            other.append(node["path"])
    return Answer(
        "Empreintes comparées à celles du partage",
        "identiques, pour chaque fichier qui n’a pas changé depuis la copie",
        f"{len(same)} identiques, {len(other)} différentes, {len(changed)} fichiers changés depuis",
        "wrong" if other else "conform" if same else "unknown",
        {"same": same, "other": other, "changed": changed},
    )


def _unchanged(path: Path, node: Mapping[str, Any]) -> bool:
    try:
        status = path.lstat()
        moment = datetime.fromisoformat(str(node.get("mtime"))).timestamp()
    except (OSError, ValueError):
        return False
    return status.st_size == node.get("size", 0) and abs(status.st_mtime - moment) < 0.001


def _digest(path: Path) -> str | None:
    """Compute the SHA-256 of a plain file, None where there is none."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _size(context: Context, node: Mapping[str, Any]) -> int | None:
    path = context.folder / node["path"].lstrip("/")
    return path.lstat().st_size if path.is_file() and not path.is_symlink() else None


def _existing(context: Context) -> Path:
    """Give the folder, or the first above it that is there."""
    from piste.trials.restore.state import folder

    place = folder(context.environment)
    return next(parent for parent in (place, *place.parents) if parent.is_dir())
