"""A new site is written whole or not at all, never over anything."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.converge.errors import Conflict
from piste.model import load
from piste.plans.play import ROOT
from piste.sites import onboarding
from piste.sites.onboarding import HOSTS, TOWN, WrongAnswer, answers_of, carriers, known, make, set_lifecycle, write
from piste.town import InvalidDeclaration

GIVEN: dict[str, Any] = {
    "name": "École Hélène Boucher",
    "category": "ecole",
    "switches": [{"model": "MS120-8", "serial": "QZZZ-0026-0001"}],
    "access_points": [{"model": "MR", "count": 2}],
}
NAME = "ecole-helene-boucher"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / TOWN, tmp_path / TOWN, symlinks=True)
    shutil.copytree(ROOT / "group_vars", tmp_path / "group_vars")
    return tmp_path


def tree(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text("utf-8") for file in root.rglob("*") if file.is_file()}


def test_the_links_of_other_sites_that_carry_a_site_are_named() -> None:
    sites = load(ROOT / TOWN).require().sites
    assert carriers(sites, "ecole-jaures") == {"hotel-de-ville": ["sw-hdv-01/5", "sw-hdv-01/31", "sw-hdv-02/31"]}
    said = CliRunner().invoke(main, ["site", "open", "ecole-jaures"])
    assert "À côté : piste plan hotel-de-ville --domain network (sw-hdv-01/5, sw-hdv-01/31, sw-hdv-02/31" in said.output


def test_a_site_is_declared_and_declaring_it_again_changes_nothing(root: Path) -> None:
    before = tree(root)
    write(make(answers_of(GIVEN), known(root), root), root)
    after = tree(root)
    assert sorted(after.keys() - before.keys()) == [
        f"docs/sites/{NAME}.md",
        f"inventories/town/host_vars/{NAME}.yml",
        f"playbooks/sites/{NAME}.yml",
    ]
    assert [name for name, text in before.items() if after[name] != text] == [str(HOSTS)]
    site = load(root / TOWN).require().sites[NAME]
    assert (site["lifecycle"], len(site["devices"]), [device["name"] for device in site["awaited"]]) == (
        "planned",
        1,
        ["ap-bou-01", "ap-bou-02"],
    )
    assert set_lifecycle(NAME, "open", root)
    assert not set_lifecycle(NAME, "open", root)
    again = make(answers_of(GIVEN), known(root), root)
    assert dict(again.files) == {}


def test_a_declaration_that_would_be_broken_is_not_left(root: Path) -> None:
    before = tree(root)
    taken = {**GIVEN, "switches": [{"model": "MS120-8", "serial": "QZZZ-0005-0001"}]}
    with pytest.raises(InvalidDeclaration, match="PISTE-M024"):
        make(answers_of(taken), known(root), root)
    with pytest.raises(InvalidDeclaration, match="PISTE-M033"):
        make(answers_of({**GIVEN, "access_points": [{"model": "MRX"}]}), known(root), root)
    assert tree(root) == before


def test_what_is_there_is_never_written_over(root: Path) -> None:
    write(make(answers_of(GIVEN), known(root), root), root)
    before = tree(root)
    with pytest.raises(Conflict, match=NAME):
        make(answers_of({**GIVEN, "print_queues": ["Copieur"]}), known(root), root)
    assert tree(root) == before


def test_a_writing_that_was_cut_is_finished_by_the_same_answers(root: Path) -> None:
    made = make(answers_of(GIVEN), known(root), root)
    whole = {str(path): text for path, text in made.files.items()}
    for path, text in list(made.files.items())[:2]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    again = make(answers_of(GIVEN), known(root), root)
    assert [str(path) for path in again.files] == list(whole)[2:]
    write(again, root)
    assert {name: text for name, text in tree(root).items() if name in whole} == whole


def test_all_that_is_wrong_with_answers_is_said_at_once() -> None:
    with pytest.raises(WrongAnswer) as raised:
        answers_of({"category": 3, "code": "X", "salles": 4})
    said = str(raised.value)
    assert all(name in said for name in ("name", "category", "code", "salles"))


def test_questions_are_asked_for_what_is_missing(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    for name in ("make", "known", "write", "shown"):
        real = getattr(onboarding, name)
        monkeypatch.setattr(onboarding, name, lambda *given, real=real: real(*given, root))
    said = "École Hélène Boucher\necole\n\n10\n\nMS120-8:QZZZ-0026-0001\nMR×2\nCopieur, Imprimante\no\n"
    result = CliRunner().invoke(main, ["site", "new"], input=said)
    assert result.exit_code == 0, result.output
    assert f"Écrit : inventories/town/host_vars/{NAME}.yml" in result.output
    site = load(root / TOWN).require().sites[NAME]
    assert len(site["awaited"]) == 2
    assert site["printing"]
    assert [queue["name"] for queue in site["printing"]["queues"]] == ["imp-bou-01", "imp-bou-02"]
