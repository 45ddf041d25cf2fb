"""Steps that people apply: the proof that is read, the refusal without, what is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.readings.storage import kept
from piste.readings.storage.figures import GB
from piste.readings.storage.reading import silent
from piste.sobriety import moves, proven, rollout
from piste.sobriety.driven import DRIVEN
from piste.sobriety.proven import PROVEN, Proof, Unproven
from piste.town.model.dates import OTHER_DAY
from piste.town.model.sobriety.form import RolloutStep
from tests.support.storage import rules, target
from tests.unit.sobriety.small import whole

APPLIED_ON = "2026-11-01"
TODAY = "2026-11-20"
SHARES = (
    target(name="services", retention=["dossiers"], retention_applied_on=APPLIED_ON),
    target(name="echanges", retention_applied=False, retention_applied_on=None, retention_why="décidée, pas appliquée"),
)


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path))
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(OTHER_DAY, TODAY)
    return tmp_path


def town() -> Any:
    before = whole()
    assert before.commune is not None
    return replace(before, commune={**before.commune, "storage": rules(*SHARES)})


def scanned(*days: str, state: str = "complete") -> None:
    """Keep whole readings of the services, on these days; the last has this state."""
    for rank, day in enumerate(days):
        whole_reading = {
            "state": "complete", "why": "", "read_at": f"{day}T06:00:00Z", "waste_bytes": (100 - 30 * rank) * GB,
        }  # fmt: skip
        if day == days[-1] and state != "complete":
            whole_reading |= {"state": state, "why": "3 dossiers"}
        made = {**silent(SHARES[0], rules(*SHARES), ""), **whole_reading}
        kept.keep("lab", [made], anew=not rank)  # type: ignore[list-item]


def read(name: str, *targets: str, lever: str = "retention-partages", day: str = TODAY) -> list[Proof]:
    given = {"lever": lever, "step": name, "date": day, "by": "DSI", "targets": list(targets)}
    return proven.proofs(town(), RolloutStep.model_validate(given), "lab")


def test_every_lever_either_converges_or_is_proven() -> None:
    levers = {lever.drives for lever in whole().sobriety.levers.values()}
    assert not DRIVEN.keys() & PROVEN.keys()
    assert levers <= DRIVEN.keys() | PROVEN.keys()


def test_a_retention_is_proven_by_its_declaration_and_a_whole_reading_since() -> None:
    (unread,) = read("pilot", "services")
    assert (unread.holds, unread.text) == (False, "jamais relevé (piste storage scan)")
    scanned("2026-10-05")
    (early,) = read("pilot", "services")
    assert not early.holds
    assert "appliquée le 2026-11-01, dernier relevé entier du 2026-10-05" in early.text
    scanned("2026-10-05", "2026-11-15")
    (proof,) = read("pilot", "services")
    assert proof == Proof(
        "services", True, "appliquée le 2026-11-01, froid ou en double : 100 Go le 2026-10-05, 70 Go le 2026-11-15"
    )
    scanned("2026-10-05", "2026-11-15", "2026-11-18", state="partial")
    (partial,) = read("pilot", "services")
    assert (partial.holds, partial.text) == (False, "relevé partiel : 3 dossiers")


def test_a_general_step_needs_the_proof_of_every_share() -> None:
    scanned("2026-10-05", "2026-11-15")
    holding = {proof.target: proof.holds for proof in read("general")}
    assert holding == {"services": True, "echanges": False}
    with pytest.raises(Unproven, match="le pas n’est pas prouvé") as refused:
        proven.require("retention-partages", read("general"))
    assert "echanges : décidée, pas appliquée" in refused.value.todo
    assert "services :" not in refused.value.todo


def test_a_lot_is_proven_by_its_deployment_before_the_step() -> None:
    (lot,) = read("pilot", lever="clients-legers")
    assert lot == Proof("lot-1-ccas", True, "déployé le 2026-10-14, étude du 2026-09-28 (favorable avec réserves)")
    assert [proof.text for proof in read("pilot", lever="clients-legers", day="2026-10-13")] == [
        "déployé le 2026-10-14, après ce pas"
    ]
    general = {proof.target: proof.text for proof in read("general", lever="clients-legers") if not proof.holds}
    assert general == {"lot-2-mediatheque": "sans étude"}


def piste(*arguments: str, day: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["sobriety", *arguments], env={OTHER_DAY: day})
    assert done.exit_code == code, done.output + repr(done.exception)
    return done.output


def begin(lever: str) -> None:
    rollout.inscribe(
        [
            RolloutStep(lever=lever, step=name, date=f"2026-12-0{day}", by="DSI")
            for day, name in ((1, "diagnosis"), (2, "information"))
        ],
        "lab",
    )


def test_the_command_inscribes_what_it_read_and_refuses_what_it_did_not() -> None:
    begin("clients-legers")
    assert "prouvé  lot-1-ccas" in piste("plan", "clients-legers", day="2026-12-07")
    said = piste("apply", "clients-legers", "--yes", day="2026-12-07")
    assert "clients-legers : pilote du 2026-12-07, 1 cible prouvée." in said
    (application,) = moves.kept("lab", "clients-legers").applications
    assert (application.targets, application.operations, application.ended is not None) == (["lot-1-ccas"], [], True)
    assert application.proof[0].startswith("lot-1-ccas : déployé le 2026-10-14")
    refused = piste("apply", "clients-legers", "--yes", day="2027-02-15", code=4)
    assert "PISTE-E155" in refused
    assert "lot-2-mediatheque : sans étude" in refused
    assert len(moves.kept("lab", "clients-legers").applications) == 1
    back = piste("revert", "clients-legers", "--all", "--why", "Essai", "--yes", day="2027-02-16", code=4)
    assert "sortez ses clients légers du service" in back
    assert [step.step for step in moves.town("lab").sobriety.rollout if step.lever == "clients-legers"] == [
        "diagnosis", "information", "pilot",
    ]  # fmt: skip
