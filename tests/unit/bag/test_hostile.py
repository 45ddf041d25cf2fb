"""A bag changed and sealed again: each change is named; nothing waits, runs or crashes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.bounded import DOCUMENT, Unreadable
from piste.exports.bag import schemas
from piste.exports.bag.bagit import MANIFEST, TAGS, seal
from piste.exports.bag.scan import known
from piste.exports.bag.verify import examine
from tests.support.bags import tiny
from tests.support.breadth import breadth

Change = Callable[[Path], Any]
QUEUES, MANIFEST_JSON, BUNDLE = "systems/printing/print_queues.yml", "manifest.json", "repository/piste.bundle"
TABLES = ("inventories/devices", "inventories/sites")
ATTACK = '{{ lookup("ansible.builtin.pipe", "id > PWNED") }}'
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEAvTq0\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bag of two tables, without portal and maps: each case copies and examines it whole."""
    bag = tiny(tmp_path_factory.mktemp("sac"))
    data = bag / "data"
    manifest = json.loads((data / MANIFEST_JSON).read_text("utf-8"))
    tables = {name: count for name, count in manifest["tables"].items() if name in TABLES}
    gone = {Path(name).name for name in manifest["tables"].keys() - tables.keys()}
    for path in [*data.glob("*/*.csv"), *data.glob("*/*.json")]:
        if path.name.partition(".")[0] in gone:
            path.unlink()
    for folder in ("portail", "maps"):
        shutil.rmtree(data / folder)
    (data / MANIFEST_JSON).write_text(json.dumps(manifest | {"tables": tables}), "utf-8")
    seal(bag, {})
    return bag


@pytest.fixture
def bag(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "sac")


def wrong(bag: Path) -> list[tuple[str, str]]:
    return [(finding.id, finding.what) for finding in examine(bag) if finding.state != "ok"]


def text(name: str, content: str | bytes) -> Change:
    def change(data: Path) -> None:
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return change


def manifest(**changed: Any) -> Change:
    def change(data: Path) -> None:
        manifest = json.loads((data / MANIFEST_JSON).read_text("utf-8")) | changed
        kept = {name: value for name, value in manifest.items() if value is not None}
        (data / MANIFEST_JSON).write_text(json.dumps(kept), encoding="utf-8")

    return change


def schema(name: str, value: Any) -> Change:
    return text(f"schemas/{name}.schema.json", json.dumps(value))


def sparse(data: Path) -> None:
    with (data / QUEUES).open("wb") as stream:
        stream.truncate(DOCUMENT + 1)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ({"enum": list(range(4000))}, -1),
        ({"type": ["integer"] * 4000}, ""),
        ({"required": ["a"] * 4000}, {"a": 1}),
    ],
)
def test_a_long_list_in_a_schema_costs_what_it_holds(form: dict[str, Any], value: Any) -> None:
    with pytest.raises(Unreadable, match="trop long à comparer"):
        list(schemas.faults({"items": form}, [value] * 4000))


CYCLE = {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}
LAUGHS = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'


@pytest.mark.parametrize(
    ("change", "check", "place"),
    breadth([
        (text(QUEUES, f"print_queues:\n- name: {ATTACK!r}\n"), "bag.formats", f"{QUEUES}:2 : texte que Jinja"),
        (text("systems/printing/zz.yml", '"{% x %}": 1\n'), "bag.formats", "systems/printing/zz.yml:1 : texte"),
        (text(QUEUES, "a: &a [*a]\n"), "bag.formats", f"{QUEUES}:1 : reprend une ancre"),
        (text(QUEUES, "[" * 100_000), "bag.formats", QUEUES),
        (text(QUEUES, "!!python/name:os.system {}"), "bag.formats", f"{QUEUES}:1 : la marque"),
        (text(QUEUES, "print_queues: [{name: a}]\nautre: []\n"), "bag.schemas", "/autre : inconnu du schéma"),
        (text(QUEUES, ""), "bag.schemas", f"{QUEUES} : / : object attendu"),
        (text(QUEUES, "[]"), "bag.schemas", f"{QUEUES} : / : object attendu"),
        (text("systems/autre/x.yml", "a: 1"), "bag.schemas", "systems/autre/x.yml : en trop"),
        (text("systems/printing/a/b.yml", "a: 1"), "bag.schemas", "systems/printing/a/b.yml : en trop"),
        (sparse, "bag.formats", f"{QUEUES} : plus de 32 Mio"),
        (text("gpo_backups/a.xml", LAUGHS), "bag.formats", "gpo_backups/a.xml : porte un type de document"),
        (text(MANIFEST_JSON, "[" * 200_000), "bag.formats", "manifest.json : plus de 100 niveaux"),
        (text(MANIFEST_JSON, "[]"), "bag.schemas", "manifest.json : / : object attendu"),
        (lambda data: (data / MANIFEST_JSON).unlink(), "bag.schemas", "manifest.json : absent"),
        (manifest(kinds=None), "bag.schemas", "manifest.json : /kinds : absent"),
        (manifest(kinds=[{}]), "bag.schemas", "/kinds/0/domain : absent"),
        (manifest(kinds=[]), "bag.counts", "printing/print_queues : le manifeste ne le compte pas"),
        (manifest(format=2), "bag.schemas", "sac de format 2"),
        (manifest(tables={"../../../etc/passwd": 1}), "bag.counts", "../../../etc/passwd.csv : absent"),
        (manifest(commit="--batch-all-objects"), "bag.repository", "--batch-all-objects"),
        (manifest(commit="0" * 40), "bag.repository", "0" * 40),
        (schema("manifest", {"$ref": "#/$defs/rien"}), "bag.schemas", "/$ref : ne mène nulle part"),
        (schema("printing.print_queues", CYCLE), "bag.schemas", "trop long à comparer"),
        (schema("printing.print_queues", {"type": "licorne"}), "bag.schemas", "/type : type inconnu"),
        (schema("printing.print_queues", [1]), "bag.schemas", "schéma attendu"),
        (schema("manifest", {}), "", ""),
        (schema("devices", {}), "bag.schemas", "inventories/devices.csv : absent, ou sans schéma"),
        (text("inventories/devices.json", "[1]"), "bag.schemas", "/0 : object attendu"),
        (text("inventories/devices.csv", 'a\n"b'), "bag.formats", "inventories/devices.csv:2 : n’est pas du CSV"),
        (lambda data: (data / "inventories/devices.csv").unlink(), "bag.schemas", "inventories/devices.csv : absent"),
        (text("lacunes-connues.md", " \n"), "bag.counts", "lacunes-connues.md : vide"),
        (text(BUNDLE, "gitdir: ../../autre\n"), "bag.repository", "ce n’est pas un paquet git"),
        (text(BUNDLE, f"# v2 git bundle\n{'0' * 40} refs/heads/main\n\nPACK"), "bag.repository", "git ne le clone pas"),
        (lambda data: (data / BUNDLE).unlink(), "bag.repository", "absent"),
        (text("documents/joints/a.yml", "a: &a [!vault '{{ x }}']\nb: [*a, *a]"), "", ""),
        (text("documents/joints/a.yml", "a: ["), "bag.formats", "documents/joints/a.yml:2 : n’est pas du YAML"),
        (text("a\n\x1b[2Jb.md", "x"), "", ""),
        (text("a.exe\n\x1b[2J", "x"), "bag.formats", "a.exe\\u000A\\u001B[2J"),
    ], 2),
)  # fmt: skip
def test_each_change_is_a_finding_with_its_place(change: Change, check: str, place: str, bag: Path) -> None:
    change(bag / "data")
    seal(bag, {})
    named = wrong(bag)
    assert bool(named) == bool(check), named
    assert not check or any(name == check and place in what for name, what in named), named
    assert all(what.isprintable() for _, what in named)


@pytest.mark.parametrize(
    ("make", "what"),
    breadth(
        [
            (os.mkfifo, "tube nommé"),
            (lambda path: path.symlink_to("/dev/zero"), "lien vers un autre endroit"),
            (lambda path: path.symlink_to("print_queues.yml"), "lien vers un autre endroit"),
        ],
        2,
    ),
)
def test_what_is_no_file_is_named_wherever_it_is(make: Change, what: str, bag: Path) -> None:
    for name in ("data/systems/printing/zz.yml", "zz", "tagmanifest-sha256.sig"):
        make(bag / name)
        assert wrong(bag) == [("bag.digests", f"{name} : {what}, et non un fichier")]
        (bag / name).unlink()
    for name in (MANIFEST, TAGS, f"data/{QUEUES}"):
        kept = (bag / name).read_bytes()
        (bag / name).unlink()
        make(bag / name)
        assert ("bag.digests", f"{name} : {what}, et non un fichier") in wrong(bag)
        (bag / name).unlink()
        (bag / name).write_bytes(kept)
    assert wrong(bag) == []


@pytest.mark.parametrize(
    "lines",
    breadth(
        [
            b"\xff\xfe\x00\x00",
            b"0" * 64 + b"  a\x00b\n",
            b"0" * 64 + b"  " + b"a" * 5000 + b"\n",
            b"0" * 64 + b"  /etc/passwd\n",
            b"0" * 64 + b"  data/../../x\n",
            b"x\n" * 100_000,
        ],
        3,
    ),
)
def test_a_manifest_of_digests_may_hold_anything(lines: bytes, bag: Path) -> None:
    with (bag / MANIFEST).open("ab") as stream:
        stream.write(lines)
    named = wrong(bag)
    assert 2 <= len(named) <= 101
    assert {name for name, _ in named} == {"bag.digests"}


def test_a_key_in_the_history_of_the_repository_is_found(tmp_path: Path) -> None:
    bag = tiny(tmp_path, **{"vieux.txt": PEM})
    ((check, what),) = wrong(bag)
    assert (check, what.startswith(f"{BUNDLE}:"), what.endswith("clé privée")) == ("bag.secrets", True, True)
    assert list(known(bag, {"coffre/clef": "MIIEpAIBAAKCAQEAvTq0"})) == [
        (f"data/{what.partition(' : ')[0]}", "coffre/clef")
    ]


def test_a_line_of_the_history_is_searched_once_and_what_spans_lines_is_found_too(tmp_path: Path) -> None:
    files = {"un.txt": "avant\nle-premier\nle-second\n", "deux.txt": "autre\nle-premier\nle-second\n"}
    bag = tiny(tmp_path, **files)
    assert len(list(known(bag, {"un": "le-premier"}))) == 1
    assert len(list(known(bag, {"deux": "le-premier\nle-second"}))) == 2


def test_a_schema_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "STEPS", 10_000)
    deep: dict[str, Any] = {"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}
    assert list(schemas.faults(deep, [[[]]])) == []
    wide = {"$defs": {str(n): {"anyOf": [{"$ref": f"#/$defs/{n + 1}"}] * 9} for n in range(9)} | {"9": {}}}
    assert list(schemas.unsound(wide)) == []
    with pytest.raises(Unreadable, match="trop long"):
        list(schemas.faults({**wide, "$ref": "#/$defs/0"}, 1))
