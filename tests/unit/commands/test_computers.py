"""The verb `piste computers`, on the measures of the fleet."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab.declared import declared_town
from piste.cli import main
from piste.commands import computers as verb
from piste.readings import store
from piste.readings.computers.judge import measured
from piste.town.model import Town
from tests.unit.sobriety.test_figures_computers import kept as fleet_kept
from tests.unit.sobriety.test_figures_computers import roles

TODAY = date(2026, 11, 26)


def said(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["computers", *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", TODAY.isoformat())
    town: Town = declared_town()
    monkeypatch.setattr("piste.sobriety.moves.town", lambda environment: town)
    return tmp_path / "state"


@pytest.fixture
def fleet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = fleet_kept()
    town = declared_town()
    judged = measured(town, made, TODAY)
    monkeypatch.setattr(verb, "_known", lambda environment: (town, made, judged))
    return folder


def test_computers_are_listed_by_what_they_do(fleet: Path) -> None:
    rows = json.loads(said("list", "--state", "awake", "--format", "json").output)
    assert {roles()[row["name"]] for row in rows} == {"blocked", "night", "woken"}
    assert all("sessions" not in row for row in rows)
    unset = said("list", "--state", "unset", "--site", "hotel-de-ville")
    assert (unset.exit_code, "pc-hdv" in unset.output, "pc-ccas" in unset.output) == (0, True, False)
    silent = json.loads(said("list", "--state", "silent", "--format", "json").output)
    assert {row["silent_since"] for row in silent} == {None, "2026-08-28"}


def test_a_computer_is_shown_with_its_causes_and_never_its_sessions(fleet: Path) -> None:
    name = next(name for name, role in roles().items() if role == "blocked" and name.startswith("pc-hdv"))
    shown = said("show", name.upper())
    assert shown.exit_code == 0
    assert "Réglé mais éveillé : une cause l’en empêche." in shown.output
    assert "éveillé sans cause vue : cause non vue (veille, 24 fois)" in shown.output
    facts = json.loads(said("show", name, "--format", "json").output)
    assert (facts["defied"], facts["sleep_ac_seconds"], facts["main_cause"]) == (True, 600, None)
    assert "minutes" not in json.dumps(facts)
    woken = next(name for name, role in roles().items() if role == "woken" and name.startswith("pc-hdv"))
    assert "peut réveiller : Mise à jour nocturne (tâche)\n" in said("show", woken).output
    unknown = said("show", "pc-hdv-999")
    assert unknown.exit_code != 0
    assert "pc-hdv" in str(unknown.output)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("awake", "Ce qui tient les postes éveillés"), ("programs", "Programmes qui démarrent seuls"),
        ("use", "Usage réel et heures déclarées"), ("life", "Âge et fin de vie, par modèle"),
        ("silent", "Fichiers de mesure refusés"),
    ],
)  # fmt: skip
def test_the_lists_of_the_figures_are_said(fleet: Path, name: str, title: str) -> None:
    result = said(name)
    assert (result.exit_code, title in result.output) == (0, True)
    listings = json.loads(said(name, "--format", "json").output)
    assert title in [listing["title"] for listing in listings]


def test_a_site_that_is_not_declared_is_no_empty_list(fleet: Path) -> None:
    result = said("list", "--site", "cas")
    assert result.exit_code != 0
    assert "« cas » n’est pas un site de la déclaration" in result.output
    assert "ccas" in result.output


def test_before_any_reading_every_computer_is_unknown(folder: Path) -> None:
    result = said("list", "--state", "silent")
    assert result.exit_code == 0
    assert "294 postes en service." in result.output
    assert "jamais mesuré" in result.output


def test_a_store_that_was_changed_is_an_error(folder: Path) -> None:
    store.place("lab").parent.mkdir(parents=True, mode=0o700)
    store.place("lab").write_bytes(b"rien" * 400)
    store.place("lab").chmod(0o600)
    assert "PISTE-E163" in said("list").output


def test_names_complete(fleet: Path) -> None:
    import click

    context = click.Context(verb.show)
    names = verb._complete_computer(context, verb.show.params[0], "PC-HDV-01")
    assert names == [f"pc-hdv-{number:03d}" for number in range(10, 20)]
    assert verb._complete_site(context, verb.show.params[0], "ccas") == ["ccas"]
