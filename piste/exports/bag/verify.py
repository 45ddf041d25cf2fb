"""The verification of a bag, offline and without secrets: each fault with its place.

Anybody may have changed a bag. Any content gives findings, in a time and memory that `bounded` keeps in proportion to
its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from piste.engine.cells import cell
from piste.engine.converge.bounded import (
    DOCUMENT,
    Unreadable,
    content,
    lines,
    of_json,
    of_xml,
    of_yaml,
    parse_yaml,
    rows,
    survey,
    table,
    text,
)
from piste.engine.converge.text import on_one_line
from piste.engine.finding import Finding
from piste.engine.transport.shared import private_folder
from piste.engine.words import agreed
from piste.exports.bag import bagit, scan, schemas
from piste.exports.bag.documents import EVIDENCE, JOINED
from piste.exports.bag.kinds import BESIDE, DOMAINS, PLACES
from piste.exports.bag.make import FOLDERS, FORMAT, SCHEMAS, SYSTEMS
from piste.exports.bag.repository import BUNDLE, cloned, holds
from piste.exports.bag.texts import FORMATS

Faults = Iterator[tuple[str, str]]
MOST = 100
"""Most findings of a check; the others are only counted."""
LONGEST = 400
"""Most characters of a finding."""
TOTAL = 2**29
"""Most bytes of all documents that are read whole."""


def examine(bag: Path, clones: Path | None = None) -> Iterator[Finding]:
    """Run every check: a finding for each success or each fault.

    After wrong digests nothing further is believed; without a readable file nothing is compared. The repository
    is cloned once, under `clones` where the caller keeps it.
    """
    with nullcontext(clones) if clones else private_folder("piste-bag-") as kept:
        yield from _examined(bag, kept)


def _examined(bag: Path, clones: Path) -> Iterator[Finding]:
    findings = list(
        _said("bag.digests", "empreintes", bagit.faults(bag), "Redemandez ce sac : il n’est pas celui scellé.")
    )
    yield from findings
    if findings[0].state != "ok":
        return
    data = _Data(bag / bagit.PAYLOAD)
    todo = "Retirez ce fichier, ou donnez-le en un format ouvert."
    yield from _said("bag.formats", "formats ouverts, lisibles", data.formats(), todo)
    todo = "Ne remettez pas ce sac : ôtez le secret à sa source."
    admitted = data.admitted()
    said = ", ".join(f"{entry['file']} ({entry['reason']})" for entry in admitted)
    what = f"aucun secret apparent ; la déclaration dit n’en être pas : {said}" if said else "aucun secret apparent"
    suspicions = scan.suspicions(data.folder, scan.Admitted(admitted), clones)
    yield from _said("bag.secrets", on_one_line(what[:LONGEST]), suspicions, todo)
    if data.unreadable:
        return
    todo = "Refaites l’export : le fichier n’est pas ce que son schéma dit."
    yield from _said("bag.schemas", "schémas", data.schemas(), todo)
    if data.manifest is None:
        return
    yield from _said("bag.counts", "nombres", data.counts(), "Refaites l’export.")
    yield from _said("bag.repository", "dépôt", data.repository(clones), "Refaites l’export depuis un clone du dépôt.")


def _said(name: str, what: str, faults: Iterable[tuple[str, str]], todo: str) -> Iterator[Finding]:
    number = 0
    for number, (place, why) in enumerate(faults, 1):
        if number > MOST:
            yield Finding(name, "wrong", "d’autres défauts de cette sorte, qui ne sont pas dits", todo)
            return
        yield Finding(name, "wrong", on_one_line(f"{place} : {why}"[:LONGEST]), todo)
    if not number:
        yield Finding(name, "ok", what)


def _drained(each: Callable[[Path], Iterable[Any]]) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        for _ in each(path):
            pass

    return read


_READERS: dict[str, Callable[[Path], Any]] = {
    ".json": lambda path: of_json(content(path)),
    ".jsonl": _drained(lambda path: map(of_json, lines(path))),
    ".csv": _drained(rows),
    ".md": text,
    ".py": text,
    ".yaml": lambda path: parse_yaml(content(path)),
    ".xml": lambda path: of_xml(content(path)),
    ".migtable": lambda path: of_xml(content(path)),
}
_STREAMED = (".jsonl", ".csv", *scan.ARCHIVES, scan.REPOSITORY)


class _Data:
    """The payload of a bag: files by name, readings of its systems, its manifest if sound."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = {path.relative_to(folder).as_posix(): path for path in survey(folder)[0]}
        self.systems: dict[str, Any] = {}
        self.manifest: Mapping[str, Any] | None = None
        self.unreadable = False

    def formats(self) -> Faults:
        total = 0
        for name, path in self.files.items():
            ending = path.suffix.lower()
            if ending not in FORMATS:
                yield name, f"« {ending or 'sans extension'} » n’est pas un format du dictionnaire"
                continue
            try:
                total += 0 if ending in _STREAMED else self._size(path)
                if total > TOTAL:
                    raise Unreadable((0, f"avec les documents qui le précèdent, plus de {TOTAL // 2**20} Mio"))
                self._read(name, path, ending)
            except Unreadable as error:
                self.unreadable = True
                yield from error.at(name)

    def _size(self, path: Path) -> int:
        if (size := path.stat().st_size) > DOCUMENT:
            raise Unreadable((0, f"plus de {DOCUMENT // 2**20} Mio"))
        return size

    def _read(self, name: str, path: Path, ending: str) -> None:
        if ending == ".yml" and name.startswith(f"documents/{JOINED}/"):
            parse_yaml(content(path))
        elif ending == ".yml":
            value = of_yaml(content(path), marked=True)
            if name.startswith(f"{SYSTEMS}/"):
                self.systems[name] = value
        elif reader := _READERS.get(ending):
            reader(path)

    def _json(self, name: str) -> Any:
        return of_json(content(self.files[name]))

    def schemas(self) -> Faults:
        """Compare all data to the bag's own schemas, and each CSV to its JSON twin, cell by cell."""
        yield from self._of_manifest()
        for name, value in self.systems.items():
            yield from self._of_system(name, value)
        for folder, tables in FOLDERS.items():
            for listed in tables:
                if f"{folder}/{listed.name}.json" in self.files:
                    yield from self._fits_json(f"{folder}/{listed.name}.json", listed.name)
                    yield from self._twins(f"{folder}/{listed.name}", listed.name)
        for name in self.files:
            parts = Path(name).parts
            made = parts[0] == "documents" and parts[1] != JOINED and EVIDENCE not in parts
            if made and name.endswith(".json"):
                yield from self._fits_json(name, self._kind(Path(name).stem))

    def admitted(self) -> list[Mapping[str, str]]:
        """List the texts that the manifest says are no secrets; none where it does not read."""
        try:
            manifest = self._json("manifest.json")
        except (KeyError, Unreadable):
            return []
        return [] if list(schemas.faults(schemas.MANIFEST, manifest)) else list(manifest.get("admitted", ()))

    def _of_manifest(self) -> Faults:
        """Check the manifest by our own schema too: the bag's account of itself proves nothing."""
        name = "manifest.json"
        wrong = list(self._fits_json(name, "manifest"))
        if wrong:
            yield from wrong
            return
        manifest = self._json(name)
        wrong = [(name, fault) for fault in schemas.faults(schemas.MANIFEST, manifest)]
        if not wrong and manifest["format"] != FORMAT:
            wrong = [(name, f"sac de format {manifest['format']}, cette version lit le format {FORMAT}")]
        yield from wrong
        self.manifest = None if wrong else manifest

    def _of_system(self, name: str, value: Any) -> Faults:
        parts = Path(name).parts
        if len(parts) != 3 or parts[1] not in DOMAINS:
            yield name, "en trop : un export n’a pas ce fichier"
            return
        domain, stem = parts[1], Path(name).stem
        own = f"{domain}.{stem}"
        if stem in BESIDE.get(domain, ()) and stem != PLACES:
            return
        schema = stem if stem == PLACES else own if self._schema(own) in self.files else domain
        yield from self._fits(name, schema, value)

    def _kind(self, name: str) -> str:
        """Find the schema of a document by its name, else its beginning, before a lever or period."""
        kind = name
        while self._schema(kind) not in self.files and "-" in kind:
            kind = kind.rpartition("-")[0]
        return kind if self._schema(kind) in self.files else name

    def _schema(self, kind: str) -> str:
        return f"{SCHEMAS}/{kind}.schema.json"

    def _fits_json(self, name: str, kind: str) -> Faults:
        if name in self.files:
            yield from self._fits(name, kind, self._json(name))
        else:
            yield name, "absent"

    def _fits(self, name: str, kind: str, value: Any) -> Faults:
        wanted = self._schema(kind)
        if wanted not in self.files:
            yield name, f"sans schéma ({kind}.schema.json)"
            return
        schema = self._json(wanted)
        if unsound := list(islice(schemas.unsound(schema), MOST)):
            yield from ((wanted, f"n’est pas un schéma : {fault}") for fault in unsound)
            return
        try:
            yield from ((name, fault) for fault in schemas.faults(schema, value))
        except Unreadable as error:
            yield from error.at(name)

    def _twins(self, name: str, kind: str) -> Faults:
        if self._schema(kind) not in self.files:
            return  # reported for the JSON
        data, schema = self._json(f"{name}.json"), self._json(self._schema(kind))
        columns = list(schema["items"]["properties"]) if _is_table(schema, data) else None
        if columns is None or f"{name}.csv" not in self.files:
            yield f"{name}.csv", "absent, ou sans schéma de table"
            return
        expected = [columns, *([cell(row.get(column)) for column in columns] for row in data)]
        rows = table(self.files[f"{name}.csv"])
        for number, (row, other) in enumerate(zip_longest(expected, rows), 1):
            if row is None or other is None:
                yield f"{name}.csv", "n’a pas autant de lignes que son JSON"
                return
            if row != other:
                yield f"{name}.csv:{number}", "ne dit pas la même chose que son JSON"

    def counts(self) -> Faults:
        """Compare the counts of the manifest to the files. No name in it becomes a path."""
        assert self.manifest is not None
        counted: dict[tuple[str, str], int] = {}
        for name, value in self.systems.items():
            domain, stem = Path(name).parts[1], Path(name).stem
            for kind, items in value.items() if isinstance(value, dict) and stem not in BESIDE.get(domain, ()) else ():
                if isinstance(items, list):
                    key = (domain, str(kind))
                    counted[key] = counted.get(key, 0) + len(items)
        for kind in self.manifest["kinds"]:
            there = counted.pop((kind["domain"], kind["kind"]), 0)
            if there != kind["count"]:
                yield (
                    f"{kind['domain']}/{kind['kind']}",
                    f"le manifeste en compte {kind['count']}, les fichiers {there}",
                )
        for (domain, kind), there in counted.items():
            yield f"{domain}/{kind}", f"le manifeste ne le compte pas, les fichiers en ont {there}"
        for name, count in self.manifest["tables"].items():
            if f"{name}.csv" not in self.files:
                yield f"{name}.csv", "absent, alors que le manifeste le compte"
                continue
            there = sum(1 for _ in rows(self.files[f"{name}.csv"])) - 1
            if there != count:
                yield f"{name}.csv", f"le manifeste compte {agreed(count, 'ligne(s)')}, le fichier {there}"
        gaps = self.files.get("lacunes-connues.md")
        if gaps is None or not text(gaps).strip():
            yield "lacunes-connues.md", "vide, ou absent"

    def repository(self, clones: Path) -> Faults:
        """Check that the bundle clones, at the commit of the manifest."""
        assert self.manifest is not None
        if BUNDLE not in self.files:
            yield BUNDLE, "absent"
            return
        wanted = self.manifest["commit"]
        try:
            with cloned(self.files[BUNDLE], clones) as clone:
                if not holds(clone, wanted):
                    yield BUNDLE, f"ne contient pas l’enregistrement {wanted} que nomme le manifeste"
        except Unreadable as error:
            yield from error.at(BUNDLE)


def _is_table(schema: Any, data: Any) -> bool:
    """Tell whether a schema is that of rows with columns, and the data are rows."""
    items = schema.get("items") if isinstance(schema, dict) else None
    known = isinstance(items, dict) and isinstance(items.get("properties"), dict)
    return known and isinstance(data, list) and all(isinstance(row, dict) for row in data)
