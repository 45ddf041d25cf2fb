"""The verification of a bag, offline and without any secret: each fault with its place."""

from __future__ import annotations

import csv
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from piste.bag import bagit, scan, schemas
from piste.bag.documents import JOINED
from piste.bag.make import FOLDERS, SCHEMAS, SYSTEMS
from piste.bag.table import text
from piste.bag.texts import FORMATS
from piste.converge.finding import Finding
from piste.converge.plural import agreed
from piste.converge.text import of_declaration

Faults = Iterator[tuple[str, str]]


def examine(bag: Path) -> Iterator[Finding]:
    """A finding a check, one more for each fault. Where digests are wrong, nothing further is believed."""
    found = list(
        _said("bag.digests", "empreintes", bagit.faults(bag), "Redemandez ce sac : il n'est pas celui scellé.")
    )
    yield from found
    if found[0].state != "ok":
        return
    data = bag / bagit.PAYLOAD
    for name, what, check, todo in (
        ("bag.formats", "formats ouverts, lisibles", _formats, "Retirez ce fichier, ou donnez-le en un format ouvert."),
        ("bag.schemas", "schémas", _schemas, "Refaites l'export : le fichier n'est pas ce que son schéma dit."),
        ("bag.counts", "nombres", _counts, "Refaites l'export."),
        (
            "bag.secrets",
            "aucun secret apparent",
            scan.suspicions,
            "Ne remettez pas ce sac : ôtez le secret à sa source.",
        ),
        ("bag.repository", "dépôt", _repository, "Refaites l'export depuis un clone du dépôt."),
    ):
        yield from _said(name, what, check(data), todo)


def _said(name: str, what: str, faults: Any, todo: str) -> Iterator[Finding]:
    wrong = [Finding(name, "wrong", f"{place} : {why}", todo) for place, why in faults]
    yield from wrong or [Finding(name, "ok", what)]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, strict=True))


_READERS: dict[str, Callable[[Path], Any]] = {
    ".yml": lambda path: of_declaration(path.read_text(encoding="utf-8")),
    ".json": _json,
    ".jsonl": lambda path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()],
    ".csv": _csv,
    ".md": lambda path: path.read_text(encoding="utf-8"),
    ".xml": lambda path: etree.parse(str(path)),
    ".migtable": lambda path: etree.parse(str(path)),
}
_UNREADABLE = (ValueError, csv.Error, yaml.YAMLError, etree.XMLSyntaxError)


def _formats(data: Path) -> Faults:
    for path in bagit.files(data):
        name = path.relative_to(data).as_posix()
        if path.suffix.lower() not in FORMATS:
            yield name, f"« {path.suffix or 'sans extension'} » n'est pas un format du dictionnaire"
            continue
        try:
            if reader := _READERS.get(path.suffix.lower()):
                reader(path)
        except _UNREADABLE as error:
            yield name, f"illisible ({type(error).__name__})"


def _schemas(data: Path) -> Faults:
    """Everything against the bag's own schemas; a CSV against its JSON twin, cell by cell."""
    yield from _fits(data, "manifest.json", "manifest", _json)
    for path in sorted((data / SYSTEMS).glob("*/*.yml")):
        domain, name = path.parent.name, path.relative_to(data).as_posix()
        own = data / SCHEMAS / f"{domain}.{path.stem}.schema.json"
        schema = path.stem if path.stem == "places" else f"{domain}.{path.stem}" if own.is_file() else domain
        yield from _fits(data, name, schema, _READERS[".yml"])
    for folder, tables in FOLDERS.items():
        for table in tables:
            if (data / folder / f"{table.name}.json").is_file():
                yield from _fits(data, f"{folder}/{table.name}.json", table.name, _json)
                yield from _twins(data, f"{folder}/{table.name}")
    for path in sorted((data / "documents").glob("*/*.json")):
        if path.parent.name != JOINED:
            yield from _fits(data, path.relative_to(data).as_posix(), _kind(data, path.stem), _json)


def _kind(data: Path, name: str) -> str:
    """The schema of a document: that of its name, else of its beginning, where a lever or a period follows."""
    kind = name
    while not (data / SCHEMAS / f"{kind}.schema.json").is_file() and "-" in kind:
        kind = kind.rpartition("-")[0]
    return kind if (data / SCHEMAS / f"{kind}.schema.json").is_file() else name


def _fits(data: Path, name: str, schema: str, reader: Callable[[Path], Any]) -> Faults:
    wanted = data / SCHEMAS / f"{schema}.schema.json"
    if not wanted.is_file() or not (data / name).is_file():
        yield name, f"absent, ou sans schéma ({wanted.name})"
        return
    for fault in schemas.faults(_json(wanted), reader(data / name)):
        yield name, fault


def _twins(data: Path, name: str) -> Faults:
    rows = _json(data / f"{name}.json")
    schema = _json(data / SCHEMAS / f"{name.rpartition('/')[2]}.schema.json")
    columns = list(schema["items"]["properties"])
    expected = [columns, *([text(row[column]) for column in columns] for row in rows)]
    for number, (one, other) in enumerate(zip(expected, _csv(data / f"{name}.csv"), strict=False), 1):
        if one != other:
            yield f"{name}.csv:{number}", "ne dit pas la même chose que son JSON"
    if len(expected) != len(_csv(data / f"{name}.csv")):
        yield f"{name}.csv", "n'a pas autant de lignes que son JSON"


def _counts(data: Path) -> Faults:
    """What the manifest counts, counted again in the files."""
    manifest = _json(data / "manifest.json")
    counted: dict[tuple[str, str], int] = {}
    for path in (data / SYSTEMS).glob("*/*.yml"):
        for kind, items in _READERS[".yml"](path).items():
            if isinstance(items, list):
                key = (path.parent.name, kind)
                counted[key] = counted.get(key, 0) + len(items)
    for one in manifest["kinds"]:
        there = counted.get((one["domain"], one["kind"]), 0)
        if there != one["count"]:
            yield f"{one['domain']}/{one['kind']}", f"le manifeste en compte {one['count']}, les fichiers {there}"
    for name, count in manifest["tables"].items():
        there = len(_csv(data / f"{name}.csv")) - 1
        if there != count:
            yield f"{name}.csv", f"le manifeste compte {agreed(count, 'ligne(s)')}, le fichier {there}"
    if not (data / "lacunes-connues.md").read_text(encoding="utf-8").strip():
        yield "lacunes-connues.md", "vide"


def _repository(data: Path) -> Faults:
    """The bundle clones, at the commit that the manifest names."""
    bundle = data / "repository/piste.bundle"
    with tempfile.TemporaryDirectory(prefix="piste-bag-") as folder:
        cloned = subprocess.run(
            ["git", "clone", "--quiet", "--bare", str(bundle), folder], capture_output=True, text=True, check=False
        )
        if cloned.returncode:
            yield "repository/piste.bundle", f"git ne le clone pas : {cloned.stderr.strip()[-300:]}"
            return
        wanted = _json(data / "manifest.json")["commit"]
        there = subprocess.run(["git", "-C", folder, "cat-file", "-e", f"{wanted}^{{commit}}"], check=False)
        if there.returncode:
            yield "repository/piste.bundle", f"ne contient pas l'enregistrement {wanted} que nomme le manifeste"
