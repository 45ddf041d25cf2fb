"""A new site is written whole or not at all, never over anything."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.converge.errors import Conflict
from piste.runs.plans.play import ROOT
from piste.sites import onboarding
from piste.sites.onboarding import (
    HOSTS,
    TOWN,
    WrongAnswer,
    answers_of,
    carriers,
    decide_unlinked,
    known,
    make,
    refuse_unlinked,
    set_lifecycle,
    write,
)
from piste.town.model import dates, load
from piste.town.town import InvalidDeclaration
from tests.support.checkouts import few

GIVEN: dict[str, Any] = {
    "name": "École Hélène Boucher",
    "category": "ecole",
    "switches": [{"model": "MS120-8", "serial": "QZZZ-0026-0001"}],
    "access_points": [{"model": "MR", "count": 2}],
}
NAME = "ecole-helene-boucher"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return few(tmp_path)


def tree(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text("utf-8") for file in root.rglob("*") if file.is_file()}


def test_the_links_of_other_sites_that_carry_a_site_are_named() -> None:
    sites = load(ROOT / TOWN).require().sites
    assert carriers(sites["ecole-jaures"]) == {"hotel-de-ville": ["sw-hdv-01/5", "sw-hdv-01/31", "sw-hdv-02/31"]}
    said = CliRunner().invoke(main, ["site", "open", "ecole-jaures"])
    assert "Il contient les ports de hotel-de-ville qui laissent passer ses VLAN : sw-hdv-01/5, sw-hdv" in said.output


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
    said = "École Hélène Boucher\necole\n\n10\n\nMS120-8:QZZZ-0026-0001\nMR×2\nCopieur, Imprimante\nIneo\n1000\n\no\n"
    result = CliRunner().invoke(main, ["site", "new"], input=said)
    assert result.exit_code == 0, result.output
    assert f"Écrit : inventories/town/host_vars/{NAME}.yml" in result.output
    site = load(root / TOWN).require().sites[NAME]
    assert len(site["awaited"]) == 2
    (link,) = site["premises"]["links"]
    assert f"Port du cœur où elle arrive, à hotel-de-ville [{link['far_port']}]" in result.output
    assert (link["name"], link["rate_mbps"]) == ("ineo-bou", 1000)
    assert site["printing"]
    assert [queue["name"] for queue in site["printing"]["queues"]] == ["imp-bou-01", "imp-bou-02"]


LINK = {"operator": "Ineo", "rate_mbps": 1000}


def declared(root: Path, name: str = NAME) -> Any:
    return load(root / TOWN).require().sites[name]


def test_a_free_port_of_the_core_is_proposed_for_the_link_and_kept_afterwards(root: Path) -> None:
    free = known(root).free
    write(make(answers_of({**GIVEN, "link": LINK}), known(root), root), root)
    (link,) = declared(root)["premises"]["links"]
    expected = {"name": "ineo-bou", "operator": "Ineo", "rate_mbps": 1000, "to": "hotel-de-ville", "far_port": free[0]}
    assert {name: link[name] for name in expected} == expected
    assert free[0] not in known(root).free
    assert not make(answers_of({**GIVEN, "link": LINK}), known(root), root).files
    assert f"sw-hdv-01/{free[0].partition('/')[2]}" in {
        f"{port['device']}/{port['port']}" for port in declared(root)["far_ports"]
    }


def test_a_port_that_is_taken_or_reserved_is_neither_proposed_nor_accepted(root: Path) -> None:
    beside = known(root)
    taken = {port for site in load(root / TOWN).require().sites.values() for port in links_of(site)}
    assert not taken & {*beside.free}
    assert not {"sw-hdv-01/31", "sw-hdv-02/31", "sw-hdv-01/21"} & {*beside.free}
    for port in ("sw-hdv-01/5", "sw-hdv-01/31", "sw-hdv-03/1"):
        with pytest.raises(WrongAnswer, match=rf"{port} n’est pas un port libre du cœur"):
            make(answers_of({**GIVEN, "link": {"far_port": port}}), beside, root)
    hall = root / TOWN / "host_vars/hotel-de-ville.yml"
    first, number = beside.free[0], beside.free[0].partition("/")[2]
    line = "{serial: QZZZ-0000-0001, model: MS425-32, "
    text = hall.read_text("utf-8")
    assert line in text
    reserved = f'{line}ports: {{"{number}": {{profile: uplink, name: Réservé à la fibre}}}}, '
    hall.write_text(text.replace(line, reserved), "utf-8")
    assert first not in known(root).free


def links_of(site: Any) -> list[str]:
    return [link["far_port"] for link in site["premises"]["links"] if link["far_port"]]


def test_a_site_without_a_link_does_not_open_but_for_a_decision_in_force(root: Path) -> None:
    write(make(answers_of(GIVEN), known(root), root), root)
    town = load(root / TOWN).require()
    with pytest.raises(WrongAnswer, match="n’a aucune liaison déclarée") as refused:
        refuse_unlinked(town.sites[NAME], town.commune)
    assert "--without-link" in str(refused.value)
    decide_unlinked(NAME, "Mme Diallo : fibre attendue", "2999-12-31", root)
    refuse_unlinked(declared(root), town.commune)
    set_lifecycle(NAME, "open", root)
    (fault,) = [fault for fault in load(root / TOWN).faults if fault.rule == "PISTE-M390" and NAME in fault.message]
    assert "Mme Diallo : fibre attendue (jusqu’au 31/12/2999)" in fault.message
    decide_unlinked(NAME, "M. Petit : encore un mois", "2999-11-30", root)
    assert declared(root)["premises"]["unlinked"]["by"] == "M. Petit"
    over = {**declared(root), "premises": {**declared(root)["premises"]}}
    over["premises"]["unlinked"] = {**over["premises"]["unlinked"], "expired": True}
    with pytest.raises(WrongAnswer, match="échue"):
        refuse_unlinked(over, town.commune)


@pytest.mark.parametrize(
    ("reason", "until"),
    [("Mme Diallo", "2999-12-31"), (": rien", "2999-12-31"), ("A : b", "demain"), ("A : b", "2020-01-01")],
)
def test_a_decision_says_who_and_why_and_until_a_day_to_come(root: Path, reason: str, until: str) -> None:
    before = tree(root)
    with pytest.raises(WrongAnswer):
        decide_unlinked("ecole-jaures", reason, until, root)
    assert tree(root) == before


def test_the_last_day_of_a_decision_is_a_day_of_the_town(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime(2026, 11, 30, 23, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(dates, "datetime", Clock)
    with pytest.raises(WrongAnswer, match="déjà passé"):
        decide_unlinked("ecole-jaures", "Mme Diallo : fibre attendue", "2026-11-30", root)


def test_options_give_the_link_too() -> None:
    given = ["site", "new", "École Hélène Boucher", "--category", "ecole", "--operator", "Ineo", "--dry-run"]
    said = CliRunner().invoke(main, given)
    assert f"liaison ineo-bou : arrive à hotel-de-ville, {known().free[0]}" in said.output
    refused = CliRunner().invoke(main, [*given, "--far-port", "sw-hdv-01/5"])
    assert (refused.exit_code, "sw-hdv-01/5 n’est pas un port libre" in refused.output) == (4, True)
