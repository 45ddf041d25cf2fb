"""The files of the collection: whole names, links that hold, reasons of what is left out."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.runs.modules import PLACES, ours
from piste.town.town import load_town
from scripts import collection
from tests.unit.repository.tree import ROOT, tracked

LINK = re.compile(r"\]\(([^)#\s:]+)(?:#[^)]*)?\)")
FILTERS = ("as_declaration", "meraki_intent", "nps_intent", "prism_intent", "smc_intent", "smc_unread", "piste_domains")


@pytest.fixture(scope="module")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collection.assemble(tmp_path_factory.mktemp("collection"))


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from mappings(inner)


def test_no_task_role_or_filter_keeps_its_short_name(assembled: Path) -> None:
    files = [file for top in ("roles", "playbooks") for file in (assembled / top).rglob("*.yml")]
    short, whole = [], 0
    for file in files:
        text = file.read_text("utf-8")
        short += re.findall(rf"\|\s*(?:{'|'.join(FILTERS)})\b", text)
        for mapping in mappings(yaml.safe_load(text)):
            short += [key for key in mapping if key in PLACES]
            whole += sum(key.removeprefix("lebourget.piste.") in PLACES for key in mapping)
            named = [mapping.get(key) for key in ("role", *collection.ROLES)]
            roles = [str(given["name"] if isinstance(given, dict) else given) for given in named if given]
            short += [role for role in roles if not role.startswith("lebourget.piste.")]
    assert short == []
    assert whole > 80


def test_the_plugins_are_those_of_the_repository(assembled: Path) -> None:
    for kind in ("modules", "action"):
        assert {file.stem for file in (assembled / "plugins" / kind).glob("*.py")} == PLACES.keys()
    assert not list((assembled / "playbooks").glob("sites"))


def test_names_are_placed_where_ansible_looks_for_them_alone() -> None:
    text = """
- name: Lire # piste_site: ceci est un commentaire
  module_defaults:
    smc_elements: &whole {state: gathered}
    smc_policies: *whole
  vars: {smc_elements: [1], read: "{{ piste_site | smc_unread(piste_secrets) | default('x') }}"}
  block:
    - piste_site: {site: "{{ piste_site }}"}
    - ansible.builtin.include_role: {name: conclusion}
    - ansible.builtin.set_fact: {piste_site: 1, name: conclusion}
"""
    expected = text
    placed = ("smc_elements: &", "smc_policies: *", 'piste_site: {site: "', "conclusion}\n    - ansible", "smc_unread(")
    for short in placed:
        expected = expected.replace(short, f"lebourget.piste.{short}", 1)
    assert collection.Names().whole(text) == expected


def test_every_link_of_a_page_leads_to_a_file_of_the_collection(assembled: Path) -> None:
    pages = list(assembled.rglob("*.md"))
    broken = [
        f"{page.relative_to(assembled)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert (broken, len(pages) > 20) == ([], True)


def test_links_follow_the_files_and_the_others_become_text() -> None:
    placed = {"docs/a.md": "docs/a.md", "docs/b.md": "docs/b.md", "contrib/collection/README.md": "README.md"}
    text = "[b](b.md#x), ![i](../LICENSE), [l](../lab/x.py), [w](https://e.example)"
    assert collection.linked(text, "docs/a.md", placed) == "[b](b.md#x), i, l, [w](https://e.example)"


def test_what_ansible_test_leaves_out_exists_and_has_its_reason(assembled: Path) -> None:
    (file,) = (assembled / "tests/sanity").glob("ignore-*.txt")
    lines = file.read_text("utf-8").splitlines()
    assert (
        file.stem.removeprefix("ignore-")
        in yaml.safe_load((assembled / "meta/runtime.yml").read_text())["requires_ansible"]
    )
    assert [line for line in lines if not re.fullmatch(r"\S+ \S+ # .+", line)] == []
    assert [line for line in lines if not (assembled / line.split()[0]).is_file()] == []
    assert len(lines) == len(set(lines))


def test_the_package_has_every_file_of_the_code() -> None:
    """Data files are named in `pyproject.toml`; pages are not code."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    packed = {path for name, globs in declared.items() for glob in globs for path in
              (ROOT / name.replace(".", "/")).glob(glob)}  # fmt: skip
    missing = [path for path in tracked("piste") if path.suffix not in (".py", ".md") and path not in packed]
    assert missing == []


def test_the_example_of_a_town_has_no_fault() -> None:
    inventories = ROOT / collection.OWN / "exemple/inventories"
    town = load_town(inventories / "town")
    assert ([str(fault) for fault in town.faults], sorted(town.sites)) == ([], ["ecole-du-parc", "mairie"])
    vault = yaml.safe_load((inventories / "production/group_vars/all/vault.yml.example").read_text("utf-8"))
    assert vault["vault_piste_secrets"] == dict.fromkeys([*town.secret_paths(), FINGERPRINT_KEY])


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("prism_vms", True),
        ("ansible.legacy.prism_vms", True),
        ("lebourget.piste.prism_vms", True),
        ("autre.collection.prism_vms", False),
        ("ansible.builtin.copy", False),
    ],
)
def test_a_module_of_ours_is_known_by_its_names(action: str, expected: bool) -> None:
    assert ours(action) is expected


@pytest.fixture
def package() -> ModuleType:
    place = ROOT / collection.OWN / "plugins/plugin_utils/package.py"
    spec = importlib.util.spec_from_file_location("package", place)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_action_is_ours_where_the_package_has_the_version(package: ModuleType) -> None:
    package.VERSION = importlib.metadata.version("piste")
    assert package.action("meraki_networks").module.name == "meraki_networks"


@pytest.mark.parametrize(("there", "says"), [(None, "n’est pas installé"), ("0.1.0", "est 0.1.0, la collection @")])
def test_without_the_package_every_action_refuses(
    package: ModuleType, monkeypatch: pytest.MonkeyPatch, there: str | None, says: str
) -> None:
    def version(name: str) -> str:
        if there is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return there

    monkeypatch.setattr(package, "version", version)
    refusing = package.action("meraki_networks")
    assert issubclass(refusing, package._Refused)
    assert says in package.fault()
    assert "pip install --no-deps piste-" in package.fault()
