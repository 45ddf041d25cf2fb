"""The schemas of the declaration accept the town, refuse faults of typing, describe all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from piste.commands import schema as verb
from piste.commands.editor.descriptions import ANY_FORM, descriptions
from piste.commands.editor.files import FILES, write
from piste.commands.editor.names import VARIABLES, read_names
from piste.papers.dossier import reversibility_plan
from piste.town.model import as_found, new_site
from piste.town.model.faults import Faults
from piste.town.model.forms import Record
from piste.town.model.source import read
from piste.town.model.variables import PLACES
from tests.unit.repository.tree import ROOT, tracked

JAURES = "inventories/town/host_vars/ecole-jaures.yml"
ALL = "group_vars/all/"
POLICIES = ALL + "policies.yml"
HOSTS = "inventories/town/hosts.yml"
CATEGORIES = "$.all.children.sites.children"
CCAS = "inventories/production/as_found/ccas.yml"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schemas")
    names, hidden = read_names(ROOT / "inventories/town")
    assert hidden == []
    write(folder, names)
    return folder


def schema_of(file: str, written: Path) -> Draft7Validator:
    (name,) = (sort.name for sort in FILES for place in sort.places if Path(file).full_match(place))
    content = json.loads((written / f"{name}.json").read_text("utf-8"))
    Draft7Validator.check_schema(content)
    return Draft7Validator(content)


def faults(file: str, text: str, written: Path, folder: Path) -> list[str]:
    """List the places of the faults that an editor sees in a file with this text."""
    copy = folder / "copy.yml"
    copy.write_text(text, "utf-8")
    data = read(copy, file, Faults(), visible=False).data
    errors = sorted(schema_of(file, written).iter_errors(data), key=lambda error: error.json_path)
    return [error.json_path for error in errors]


DECLARED = [
    str(path.relative_to(ROOT))
    for path in tracked("group_vars/**.yml", "inventories/town/**.yml", "inventories/*/hosts.yml", "docs/*.yml")
    if not path.is_symlink()
]


def test_every_sort_of_file_of_the_repository_is_tried() -> None:
    tried = {sort.name for sort in FILES for place in sort.places for file in DECLARED if Path(file).full_match(place)}
    assert {sort.name for sort in FILES} - tried == {"as_found", "answers"}
    assert len(DECLARED) > 50


@pytest.mark.parametrize("file", DECLARED)
def test_the_town_has_no_fault(file: str, written: Path, tmp_path: Path) -> None:
    assert faults(file, (ROOT / file).read_text("utf-8"), written, tmp_path) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        (JAURES, "lifecycle: open", "lifecycle: ouvert", "$.site.lifecycle"),
        (JAURES, '  cctp: "3.6.2"', "  cctp: 3.6", "$.site.cctp"),
        (JAURES, "  lifecycle:", "  lifecicle:", "$.site"),
        (JAURES, "number: 5", 'number: "5"', "$.site.plan.number"),
        (JAURES, "code: jau", "code: JAU", "$.site.plan.code"),
        (JAURES, "serial: QZZZ-0005-0001", "serial: QZZZ-5-1", "$.switches[0].serial"),
        (JAURES, "model: MS220-24", "model: MS22O-24", "$.switches[0].model"),
        (JAURES, "switches:", "swiches:", "$"),
        (JAURES, "switches:", "segments: {utilisateur: {}}\nswitches:", "$.segments"),
        (JAURES, "switches:", "ssids: {VLB-Metiers: {}}\nswitches:", "$.ssids"),
        (JAURES, "switches:", "dot1x: {state: off}\nswitches:", "$.dot1x.state"),
        (JAURES, "switches:", "awaited_devices: {MR: 0}\nswitches:", "$.awaited_devices.MR"),
        (JAURES, "switches:", 'port_layouts: {MR: {"1": bornne}}\nswitches:', "$.port_layouts.MR['1']"),
        (JAURES, "switches:", 'port_layouts: {MR: {"1": {profil: borne}}}\nswitches:', "$.port_layouts.MR['1']"),
        (JAURES, "switches:", "ssids: {VLB-Agents: {psk: en-clair}}\nswitches:", "$.ssids['VLB-Agents'].psk"),
        (JAURES, "rate_mbps: 1000", "rate_mbps: 0", "$.premises.links[0].rate_mbps"),
        (JAURES, "  links:\n", "  liens: []\n  links:\n", "$.premises"),
        (JAURES, "switches:", "category_segments: []\nswitches:", "$"),
        ("group_vars/ecole.yml", "category:", "categorie:", "$"),
        (ALL + "journal.yml", "retention_months: 12", "retention_months: 6", "$.journal.retention_months"),
        (POLICIES, "      auto_enrolment:", "      auto_enrollment:", "$.directory_policies['Socle commun'].computer"),
        (HOSTS, "            ccas:", "            ccas: {site: {}}", f"{CATEGORIES}.administration.hosts.ccas"),
        (HOSTS, "    ville:\n      hosts:", "    ville:\n      host:", "$.all.children.ville"),
        ("inventories/town/host_vars/csu.yml", "  operator:", "  operateur:", "$.neighbour"),
        ("inventories/town/host_vars/commune.yml", "shared_segments:", "segments: {}\nshared_segments:", "$"),
        ("docs/plan-reversibilite.yml", "review_months: 12", "review_months: 24", "$.review_months"),
        ("docs/plan-reversibilite.yml", 'updated: "2026-11-28"', "updated: hier", "$.updated"),
    ],
)  # fmt: skip
def test_a_fault_of_typing_is_refused_where_it_is(
    file: str, old: str, new: str, place: str, written: Path, tmp_path: Path
) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert old in text
    places = faults(file, text.replace(old, new, 1), written, tmp_path)
    assert place in places


@pytest.mark.parametrize(
    ("file", "text", "places"),
    [
        ("reponses.yml", "name: École\ncategory: ecole\nswitches: [{model: MS120-8, count: 2}]\n", []),
        ("reponses.yml", "name: École\ncategory: école\n", ["$.category"]),
        ("b.reponses.yml", "name: École\ncategory: ecole\nswitches: [{model: MS120-9}]\n", ["$.switches[0].model"]),
        (CCAS, "network_name: CCAS (mairie)\n", []),
        (
            CCAS,
            "as_found: {meraki: {switch_port: {QZZZ-0002-0001/1: {vlan: 4, without: [name]}}}}\n",
            [],
        ),
        (
            CCAS,
            "as_found: {meraki: {switch_port: {QZZZ-0002-0001/1: {vlann: 4}}}}\n",
            ["$.as_found.meraki.switch_port['QZZZ-0002-0001/1']"],
        ),
        (CCAS, "as_found: {meraki: {switch_prot: {}}}\n", ["$.as_found.meraki"]),
    ],
)  # fmt: skip
def test_answers_and_what_is_kept_as_found(
    file: str, text: str, places: list[str], written: Path, tmp_path: Path
) -> None:
    assert faults(file, text, written, tmp_path) == places


def test_the_settings_of_the_editor_give_each_file_its_schema() -> None:
    settings = json.loads((ROOT / ".vscode/settings.json").read_text("utf-8"))
    assert settings["yaml.schemas"] == {f".piste/schemas/{sort.name}.json": [*sort.globs] for sort in FILES}
    excluding = [sort.name for sort in FILES if "!inventories/**" in sort.globs]
    assert excluding == ["town", "category"]


def forms(base: type[Record] = Record) -> Iterator[type[Record]]:
    yield base
    for form in base.__subclasses__():
        yield from forms(form)


FORMS_OF_FILES = (as_found.Found, new_site.Answers, reversibility_plan.Plan)


def test_every_description_is_of_a_key_that_exists() -> None:
    assert all(form in forms() for form in FORMS_OF_FILES)
    keys: dict[str, set[str]] = {level.__name__: {*level.__annotations__} for level in PLACES}
    for form in forms():
        own = {field.alias or name for name, field in form.model_fields.items() if name in form.__annotations__}
        assert own.isdisjoint(keys.get(form.__name__, ())), f"two forms are named {form.__name__}"
        keys.setdefault(form.__name__, set()).update(own)
    stray = [
        f"{form}.{key}"
        for form, texts in descriptions().items()
        if form not in (ANY_FORM, "Group")
        for key in texts
        if key not in keys.get(form, ())
    ]
    assert stray == []


def test_descriptions_are_sentences_in_typographic_french() -> None:
    texts = [text for entries in descriptions().values() for text in entries.values()]
    assert [text for text in texts if not text.endswith((".", ")")) or "'" in text] == []


def test_every_key_has_its_description_and_no_english_comes_through(written: Path) -> None:
    def lacking(part: Any, path: str) -> Iterator[str]:
        if isinstance(part, list):
            for item in part:
                yield from lacking(item, path)
        elif isinstance(part, dict):
            for key, value in part.get("properties", {}).items():
                if not value.get("description"):
                    yield f"{path}.{key}"
            for key, value in part.items():
                yield from lacking(value, f"{path}.{key}")

    for sort in FILES:
        if sort.name != "as_found":
            content = json.loads((written / f"{sort.name}.json").read_text("utf-8"))
            assert [path for path in lacking(content, sort.name) if "." not in path.rpartition("policies.")[2]] == []


def copied(folder: Path) -> Path:
    shutil.copytree(ROOT / "group_vars", folder / "group_vars")
    shutil.copytree(ROOT / "inventories/town", folder / "inventories/town", symlinks=True)
    return folder


def test_names_are_those_of_the_declaration() -> None:
    names, _ = read_names(ROOT / "inventories/town")
    assert set(names) == {*VARIABLES, "categories", "sites"}
    assert [variable for variable, entries in names.items() if not entries] == ["radio_profiles"]
    assert names["segment_catalogue"]["utilisateurs"]
    assert "csu" not in names["sites"]
    assert "commune" not in names["sites"]


def test_the_verb_writes_the_names_of_the_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = copied(tmp_path)
    ports = town / "group_vars/all/ports.yml"
    ports.write_text(ports.read_text("utf-8").replace("  libre:", "  bornage: {label: Bornage}\n  libre:"), "utf-8")
    monkeypatch.setattr(verb, "ROOT", town)
    out = tmp_path / "schemas"
    done = CliRunner().invoke(verb.schema, ["--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "8 schémas écrits" in done.output
    assert '"bornage"' in (out / "host.json").read_text("utf-8")


def test_an_unreadable_file_is_named_and_its_names_stay_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = copied(tmp_path)
    (town / "group_vars/all/ports.yml").write_text("port_profiles: {borne: [\n", "utf-8")
    monkeypatch.setattr(verb, "ROOT", town)
    out = tmp_path / "schemas"
    done = CliRunner().invoke(verb.schema, ["--out", str(out)])
    assert done.exit_code == 1
    assert "group_vars/all/ports.yml:1" in done.output
    text = (ROOT / JAURES).read_text("utf-8") + 'port_layouts: {MR: {"1": bornne}}\n'
    assert faults(JAURES, text, out, tmp_path) == []


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = CliRunner().invoke(verb.schema, ["--out", str(tmp_path / "file" / "schemas")])
    assert done.exit_code == 1
    assert "ne peut pas être écrit" in done.output
