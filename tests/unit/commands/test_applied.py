"""The end of an application, without a journal, on a full disk, beside another application."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from piste.commands.output import EXIT
from piste.engine.converge.allowed import LEFT
from piste.runs.plans import play, saved
from piste.runs.plans.play import Played
from piste.runs.plans.trace import WAIVED
from piste.runs.records.record import compose
from tests.unit.consequences import changes as effects
from tests.unit.plans.passes import Runs, alone, piste
from tests.unit.plans.plans import operation, plan
from tests.unit.records.made import chain_of, header, task

REASON = "Mme Diallo : disque plein, panne à la cantine"
SITE = ("playbooks/site.yml", True)
FULL = "/srv/journal/lab/poste : No space left on device."


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    alone(tmp_path, monkeypatch)
    return Runs(monkeypatch)


def applied(made: dict[str, Any], *options: str) -> Result:
    saved.write(made)
    return piste("apply", made["id"], "--yes", *options)


def test_an_application_without_a_journal_stops_before_it_writes(runs: Runs) -> None:
    made = plan(operation("a"))
    runs.results = [Played(operations=made["operations"], unrecorded=[FULL])]
    result = applied(made)
    assert (result.exit_code, [check for _, check in runs.asked]) == (EXIT["refused"], [True])
    assert f"PISTE-E037 ce qui serait écrit ne laisserait pas de trace au journal. {FULL}" in result.stderr
    assert not saved.begun(made)


def test_a_person_lets_an_application_write_without_a_journal(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    made = plan(operation("a"))
    given: list[dict[str, str]] = []
    whole = runs.play
    monkeypatch.setattr(play, "play", lambda *order, **more: given.append(dict(WAIVED)) or whole(*order, **more))
    runs.results = [Played(operations=made["operations"], unrecorded=[FULL])] * 2
    result = applied(made, "--without-journal", REASON)
    assert result.exit_code == 0, result.output
    assert given == [{"piste_without_journal": REASON}]
    assert f'"piste_without_journal": "{REASON}"' in result.stderr.splitlines()[0]
    runs.results = [Played(operations=made["operations"], unrecorded=[FULL])]
    assert applied(made).exit_code == EXIT["refused"]


@pytest.mark.parametrize("reason", ["", "disque plein", ": disque plein"])
def test_a_reason_without_a_name_decides_nothing(reason: str, runs: Runs) -> None:
    result = applied(plan(operation("a")), "--without-journal", reason)
    assert (result.exit_code, runs.asked) == (EXIT["error"], [])
    assert "--without-journal" in result.stderr
    assert "« Nom : raison » est attendu" in result.stderr


def test_what_another_application_of_the_plan_did_meanwhile_is_said(runs: Runs, tmp_path: Path) -> None:
    made = plan(operation("a"), operation("b"))
    head = {**header(1), "plan": made["id"]}
    chain = chain_of(tmp_path / "journal")
    chain.finish(chain.start(head), compose(head, [task()], "d", "2026-11-24T10:01:00Z"))
    runs.results = [Played(operations=made["operations"]), Played(operations=made["operations"][:1])]
    result = applied(made)
    assert result.exit_code == 0
    assert "1 opération appliquée sur 2, 0 lecture" in result.stdout
    who = f"une autre application de ce plan (marie, piste journal show {head['id']})"
    assert f"1 autre : faite entre-temps par {who}." in result.stdout


def test_what_somebody_else_did_meanwhile_is_said(runs: Runs) -> None:
    made = plan(operation("a"), operation("b"))
    runs.results = [Played(operations=made["operations"]), Played()]
    result = applied(made)
    assert "0 opération appliquée sur 2" in result.stdout
    assert "2 autres : faites entre-temps par quelqu’un d’autre, hors de ce journal." in result.stdout


def test_a_verb_closes_the_mask_of_its_shell(runs: Runs) -> None:
    before = os.umask(0)
    try:
        piste("journal", "list")
        assert os.umask(0) == 0o022
    finally:
        os.umask(before)


def test_a_disk_that_takes_no_plan_is_named_and_keeps_no_draft(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = Played(operations=[operation("a")])
    runs.results = [changes]
    full = piste("plan", "--out", "/dev/full")
    assert full.exit_code == EXIT["error"]
    assert full.stderr.endswith(
        "PISTE-E097 /dev/full : ce fichier ne s’écrit pas. No space left on device. "
        "Vérifiez la place et les droits de ce dossier, puis relancez.\n"
    )

    def read_only(path: Path) -> Path:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(saved, "private_folder", read_only)
    runs.results = [changes]
    refused = piste("plan")
    assert refused.exit_code == EXIT["error"]
    assert "Read-only file system" in refused.stderr
    assert f"PISTE-E097 {tmp_path / 'plans'}/" in refused.stderr
    assert list(tmp_path.rglob("*.draft")) == []


# a begun plan


@pytest.mark.parametrize("answer", ["oui\n", None], ids=["asked", "--yes"])
def test_a_begun_plan_says_what_the_rest_of_it_does_to_people(answer: str | None, runs: Runs) -> None:
    first, second = (effects.changed("meraki_ssids", effects.SCHOOL, name, switch_off) for name in SSIDS)
    made = plan(first, second)
    runs.results = [Played(operations=[first, second]), Played(operations=[first])]
    assert leave_the_air(applied(made)) == [*SSIDS]

    verified = [Played(operations=[second]), Played()]
    runs.results = [*verified * (2 if answer else 1), Played(operations=[second])]
    again = piste("apply", made["id"], *([] if answer else ["--yes"]), answer=answer)
    assert (again.exit_code, runs.results) == (0, [])
    assert leave_the_air(again) == [SSIDS[1]]
    assert ("Appliquer à 1 site : ~ 1 à modifier ?" in again.stdout) is bool(answer)


SSIDS = ("VLB-Agents", "VLB-Pedagogique")


def leave_the_air(result: Result) -> list[str]:
    """List the SSIDs that leave the air, each as often as it is said."""
    lines = [line for line in result.stdout.splitlines() if "l’air :" in line]
    return [name for line in lines for name in SSIDS if name in line]


def switch_off(ssid: dict[str, Any]) -> None:
    ssid["enabled"] = False


# a part of a plan


def left(described: dict[str, Any]) -> dict[str, Any]:
    return {**described, "waiting": LEFT}


def test_a_part_says_what_it_does_and_leaves_then_the_plan_does_the_rest(runs: Runs) -> None:
    first, second = operation("a", kind="ssid"), operation("b", kind="ssid")
    made = plan(first, second)
    runs.results = [Played(operations=[first, left(second)]), Played(operations=[first])]
    result = applied(made, "--only", "ssid a")
    assert result.exit_code == 0, result.output
    assert "    ~ ssid a" in result.stdout
    assert "    ~ ssid b" not in result.stdout
    assert "Laissé (1), que le plan entier fera : ecole-jaures / ssid b." in result.stdout
    assert "1 opération appliquée sur 1" in result.stdout
    assert saved.begun(made)

    runs.results = [Played(operations=[left(second)]), Played()]
    again = applied(made, "--only", "ssid a")
    assert (again.exit_code, runs.results) == (0, [])
    assert "Tout ce que dit cette part est déjà fait.\n" in again.stdout

    runs.results = [Played(operations=[second]), Played(), Played(operations=[second])]
    rest = applied(made)
    assert rest.exit_code == 0, rest.output
    assert "1 opération appliquée sur 2, 1 déjà faite avant" in rest.stdout


def test_a_check_verifies_and_begins_nothing(runs: Runs) -> None:
    made = plan(operation("a", kind="ssid"), operation("b", kind="ssid"))
    runs.results = [Played(operations=[made["operations"][0], left(made["operations"][1])])]
    result = applied(made, "--only", "ssid a", "--check")
    assert (result.exit_code, [check for _, check in runs.asked]) == (EXIT["changes"], [True])
    assert "Vérifié : 1 opération à faire. Rien n’a été écrit (--check)." in result.stdout
    assert not saved.begun(made)


def test_a_part_names_what_its_plan_withholds(runs: Runs) -> None:
    first, second = operation("a", kind="ssid"), operation("b", kind="ssid")
    kept = {**operation("c", kind="ssid"), "waiting": "attend uplink"}
    made = plan(first, second, kept, withheld=["ecole-jaures : à confirmer (uplink:c) : le lien"])
    runs.results = [Played(operations=[first, left(second), left(kept)])]
    result = applied(made, "--only", "ssid a", "--check")
    assert "Laissé (1), que le plan entier fera : ecole-jaures / ssid b." in result.stdout
    assert "Laissé (1), que le plan entier retient : ecole-jaures / ssid c." in result.stdout
    assert "en attente" not in result.stdout


def test_a_name_that_is_not_in_the_plan_asks_nothing_of_any_system(runs: Runs) -> None:
    result = applied(plan(operation("a", kind="ssid")), "--only", "ssid aa")
    assert (result.exit_code, runs.asked) == (EXIT["refused"], [])
    assert "PISTE-E043" in result.stderr
    assert "Vouliez-vous dire « ssid a » ?" in result.stderr


def test_a_plan_that_moved_refuses_its_part(runs: Runs) -> None:
    first, second = operation("a", kind="ssid"), operation("b", kind="ssid")
    made = plan(first, second)
    runs.results = [Played(operations=[operation("a", kind="ssid", notes="autre"), left(second)])]
    result = applied(made, "--only", "ssid a")
    assert (result.exit_code, len(runs.asked)) == (EXIT["refused"], 1)
    assert "la situation a changé depuis le plan" in result.stderr


def test_what_a_plan_has_said_that_it_leaves_does_not_stop_it_once_begun(runs: Runs) -> None:
    waits = "ecole-jaures : adresses MAC à confirmer, réservations pas écrites : imp-jau-01"
    made = plan(operation("a"), operation("b"), withheld=[waits])
    saved.begin(made)
    rest = Played(operations=[operation("b")], withheld=[waits])
    runs.results = [rest, Played(withheld=[waits]), rest]
    result = applied(made)
    assert (result.exit_code, runs.asked) == (0, [SITE, ("playbooks/undo.yml", True), (SITE[0], False)]), result.output
