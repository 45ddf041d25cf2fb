"""The calendar, the signatures and the record: only a real, signed, fresh restore counts."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lab.declared import declared_town
from piste.cli import main
from piste.engine.converge.errors import Misused
from piste.readings.findings import findings as judged
from piste.readings.table import SUBJECTS
from piste.runs.records.chain import encode, seal
from piste.town.model import Town
from piste.trials.restore import calendar as calendar_of
from piste.trials.restore import method as methods
from piste.trials.restore.calendar import calendar, figure, findings
from piste.trials.restore.method import Answer, Refused
from piste.trials.restore.procedure import blank
from piste.trials.restore.results import RESULT, RestoreResult, UnreadableResult
from piste.trials.restore.run import run
from piste.trials.restore.signatures import receive, sign_result, signatures
from tests.support.restores import COPY, KEY, NOW, Folder, given

DAY = NOW.date()
TOWN = declared_town()
assert TOWN.commune
TESTS = {test["name"]: test for test in TOWN.commune["restore_tests"]}
SHARE, SCHOOL = TESTS["partages"], TESTS["poste-ecole"]


@pytest.fixture(autouse=True)
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))
    place = tmp_path / "system"
    place.mkdir()
    monkeypatch.setattr(Folder, "system", place, raising=False)
    monkeypatch.setitem(methods.METHODS, "share", "tests.support.restores:Folder")


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(path)], check=True, capture_output=True)
    return path


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "signé.pdf"
    path.write_bytes(b"%PDF-1.7 un proces-verbal signe")
    return path


def real(day: datetime = NOW, **more: Any) -> tuple[RestoreResult, Path]:
    """Run the test of the share in production, on a day."""
    copy = {**COPY, "taken_at": (day - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    before, Folder.copy = Folder.copy, copy
    try:
        return run(SHARE, replace(given(**more), environment="production", now=lambda: day))
    finally:
        Folder.copy = before


def state(day: date = DAY, name: str = "partages", town: Town = TOWN) -> str:
    [row] = [row for row in calendar(town, "production", day) if row.test["name"] == name]
    return row.due


def test_a_restore_counts_once_real_and_signed_until_its_period_ends(paper: Path) -> None:
    assert state() == "never"
    result, place = real()
    assert state() == "unsigned"
    receive(place, result, "titulaire", "Chef de projet", paper, DAY.isoformat())
    assert state() == "unsigned"
    receive(place, result, "ville", "DSI", paper, DAY.isoformat())
    assert state() == "proven"
    assert figure(TOWN, "production", DAY)["proven"] == 1
    end = DAY + timedelta(days=SHARE["every_days"])
    assert [state(end - timedelta(days=31)), state(end - timedelta(days=30)), state(end)] == ["proven", "due", "due"]
    assert state(end + timedelta(days=1)) == "overdue"
    assert figure(TOWN, "production", end + timedelta(days=1))["proven"] == 0


def test_a_rehearsal_never_counts_even_signed(paper: Path) -> None:
    result, place = run({**SHARE, "rpo_hours": 24}, given())
    receive(place, result, "ville", "DSI", paper, DAY.isoformat())
    [row] = [row for row in calendar(TOWN, "lab", DAY) if row.test["name"] == "partages"]
    assert (row.due, row.rehearsed is not None) == ("never", True)
    counted = figure(TOWN, "lab", DAY)
    assert (counted["proven"], counted["rehearsed"]) == (0, 1)
    assert calendar_of.last("lab")["partages"].read_at == datetime.fromisoformat(result.ended)
    [finding] = [finding for finding in findings(TOWN, "lab", DAY) if finding.id == "restores.partages"]
    assert (finding.state, "répétée" in finding.what) == ("unknown", True)


def test_a_failure_takes_the_proof_back_and_a_silence_does_not(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, place = real()
    receive(place, result, "ville", "DSI", paper, DAY.isoformat())
    monkeypatch.setattr(Folder, "answers", (Answer("a", "x", "", "unknown"),))
    real(NOW + timedelta(days=1))
    assert state() == "proven"
    monkeypatch.setattr(Folder, "answers", (Answer("a", "x", "y", "wrong"),))
    real(NOW + timedelta(days=2))
    assert state() == "failed"


def test_a_silence_after_a_failure_does_not_give_the_proof_back(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, place = real()
    receive(place, result, "ville", "DSI", paper, DAY.isoformat())
    for rank, verdict in enumerate(("wrong", "unknown"), 1):
        monkeypatch.setattr(Folder, "answers", (Answer("a", "x", "y", verdict),))
        real(NOW + timedelta(days=rank))
    assert state() == "failed"


@pytest.mark.parametrize("ended", ["2026-13-45T10:00:00Z", "2026-11-26T10:00:00", "hier", "0001-01-01T00:00:00Z"])
def test_a_result_of_an_impossible_moment_is_unknown_and_says_why(ended: str) -> None:
    result, place = real()
    content = {**result.model_dump(mode="json", exclude={"hash"}), "ended": ended}
    (place / RESULT).write_bytes(encode(seal(content)))
    (said,) = judged(TOWN, "production", [SUBJECTS["restores"]])
    assert (said.id, said.state) == ("restores", "unknown")
    assert f"ended : « {ended} » n’est pas un moment avec son fuseau" in said.what


@pytest.mark.parametrize("change", [{"set": "base-glpi"}, {"method": "machine"}])
def test_a_proof_of_something_else_does_not_count(paper: Path, change: dict[str, Any]) -> None:
    """A test that was declared anew, under the same name, has no proof yet."""
    result, place = real()
    receive(place, result, "ville", "DSI", paper, DAY.isoformat())
    assert TOWN.commune
    tests = [{**test, **(change if test["name"] == "partages" else {})} for test in TOWN.commune["restore_tests"]]
    changed = replace(TOWN, commune={**TOWN.commune, "restore_tests": tests})
    assert state(town=changed) == "never"


def test_the_figure_says_each_demanded_restore() -> None:
    assert figure(TOWN, "production", DAY)["demanded"] == dict.fromkeys(
        ("critical_server", "type_pc_school", "type_pc_public"), "never"
    )
    assert {finding.state for finding in findings(TOWN, "production", DAY)} == {"unknown"}


def test_a_key_signs_and_openssl_alone_verifies(key: Path) -> None:
    result, place = real()
    made = sign_result(place, result, "ville", "DSI", key, DAY.isoformat())
    assert [(its.party, its.key) for its in signatures(place, result)] == [("ville", made.key)]
    assert state() == "proven"
    files = ["-in", str(place / RESULT), "-sigfile", str(place / made.file)]
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(place / "signature-ville.pem")]
    assert subprocess.run([*command, *files], capture_output=True, check=False).returncode == 0
    with pytest.raises(Misused, match="déjà signé"):
        sign_result(place, result, "ville", "DSI", key, DAY.isoformat())


def _paper(place: Path) -> None:
    (place / "signe-ville.pdf").write_bytes(b"%PDF-1.7 autre chose")


def _role(place: Path) -> None:
    path = place / "signed-ville.json"
    path.write_bytes(path.read_bytes().replace(b"DSI", b"DGS"))


def _moved(place: Path) -> None:
    """A signature of another result, put beside another result."""
    other, other_place = real(NOW + timedelta(hours=1))
    for path in place.glob("sign*"):
        path.rename(other_place / path.name)
    assert other


@pytest.mark.parametrize("harm", [_paper, _role, _moved])
def test_a_signature_that_was_changed_or_moved_is_noticed(paper: Path, harm: Callable[[Path], None]) -> None:
    result, place = real()
    receive(place, result, "ville", "DSI", paper, DAY.isoformat())
    harm(place)
    with pytest.raises(UnreadableResult, match="signature"):
        calendar(TOWN, "production", DAY)


def test_what_is_no_signed_paper_is_refused(tmp_path: Path) -> None:
    result, place = real()
    text = tmp_path / "lettre.txt"
    text.write_text("signé")
    for path, word in ((text, "n’est pas un PDF"), (tmp_path / "rien", "ne se lit pas")):
        with pytest.raises(Misused, match=word):
            receive(place, result, "ville", "DSI", path, DAY.isoformat())
    assert signatures(place, result) == []


def report(**changes: Any) -> dict[str, Any]:
    """A report of the procedure, as a person fills it."""
    filled = {**blank(SCHOOL), "role": "technicien", "asset": "pc-mer-001", "image": "ecole-2026-09"}
    filled |= {"started": "2026-11-27T09:00:00+01:00", "ended": "2026-11-27T10:30:00+01:00", "steps_done": True}
    filled["checks"] = [{**entry, "answer": True} for entry in filled["checks"]]
    return {**filled, **changes}


def followed(**changes: Any) -> RestoreResult:
    return run(SCHOOL, replace(given(report=report(**changes)), environment="production"))[0]


def test_a_procedure_that_a_person_followed_is_measured_by_its_report() -> None:
    result = followed()
    assert (result.outcome, result.rehearsal, result.rto_seconds) == ("proven", "", 5400)
    assert len(result.tests) == 2 + len(SCHOOL["checks"] or [])


def test_a_procedure_counts_from_the_day_it_was_followed(paper: Path) -> None:
    """A report that is given late, or twice, lengthens no proof."""
    moments = {"started": "2026-02-27T09:00:00+01:00", "ended": "2026-02-27T10:30:00+01:00"}
    result = followed(**moments)
    assert (result.started, result.ended) == ("2026-02-27T08:00:00+00:00", "2026-02-27T09:30:00+00:00")
    [place] = (Path(os.environ["PISTE_RESTORES_DIR"]) / "production" / "poste-ecole").glob(result.id)
    receive(place, result, "ville", "DSI", paper, DAY.isoformat())
    assert state(date(2027, 2, 27), "poste-ecole") == "due"
    assert state(date(2027, 2, 28), "poste-ecole") == "overdue"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"steps_done": False}, "failed"),
        ({"steps_done": None}, "unknown"),
        ({"checks": [{**entry, "answer": rank > 0} for rank, entry in enumerate(blank(SCHOOL)["checks"])]}, "failed"),
        ({"checks": blank(SCHOOL)["checks"]}, "unknown"),
        ({"ended": "2026-11-27T14:00:00+01:00"}, "failed"),
    ],
)  # fmt: skip
def test_a_procedure_that_was_not_done_to_its_end_proves_nothing(changes: dict[str, Any], outcome: str) -> None:
    assert followed(**changes).outcome == outcome


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"procedure": "poste-accueil-public"}, "est celui de poste-accueil-public"),
        ({"checks": []}, "ne sont pas celles de la déclaration"),
        ({"started": "2026-11-27T11:00:00+01:00"}, "ended précède started"),
        ({"started": "2026-11-27T09:00:00", "ended": "2026-11-27T10:00:00"}, "fuseau"),
        ({"ended": "2026-11-29T10:00:00+01:00"}, "dans le futur"),
        ({"started": "2024-11-27T09:00:00+01:00", "ended": "2024-11-27T10:00:00+01:00"}, "plus de 365 jours"),
        ({"role": ""}, "role"),
        ({"autre": 1}, "autre"),
    ],
)  # fmt: skip
def test_a_report_of_something_else_is_refused(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=word):
        followed(**changes)


def test_a_procedure_without_its_report_is_refused() -> None:
    with pytest.raises(Refused, match="piste restore sheet"):
        run(SCHOOL, given())


def said(*words: str) -> Any:
    return CliRunner().invoke(main, ["restore", *words])


def test_the_verbs_say_the_calendar_write_the_record_and_take_its_signature(
    tmp_path: Path, paper: Path, key: Path
) -> None:
    _, place = real(datetime.now(UTC).replace(microsecond=0))
    production = ("--environment", "production")
    listed = said("list", *production)
    counted = f"F15 : 0 sur {len(TESTS)}"
    assert (listed.exit_code, "à signer" in listed.output, counted in listed.output) == (1, True, True)
    made = said("pv", "partages", *production, "--out", str(tmp_path / "pv"))
    assert (made.exit_code, "RESTAURATION PROUVÉE" in made.output) == (0, True)
    [data] = (tmp_path / "pv").glob("*/pv-restauration.json")
    content = json.loads(data.read_bytes())
    assert (content["specimen"], "RÉPÉTITION" in content["title"]) == (False, False)
    assert content["content"]["result"]["rehearsal"] == ""
    signed = said("receive", "partages", *production, "--party", "ville", "--role", "DSI", "--evidence", str(paper))
    assert (signed.exit_code, (place / "signe-ville.pdf").is_file()) == (0, True)
    keyed = said("sign", "partages", *production, "--party", "titulaire", "--role", "Chef", "--key", str(key))
    assert keyed.exit_code == 0
    again = json.loads(said("list", *production, "--format", "json").output)
    states = {row["name"]: row["state"] for row in again["tests"]}
    assert (again["figure"]["proven"], states["partages"]) == (1, "proven")


def test_the_record_of_a_rehearsal_says_so_first(tmp_path: Path) -> None:
    run({**SHARE, "rpo_hours": 24}, given())
    assert said("pv", "partages", "--out", str(tmp_path)).exit_code == 0
    [page] = tmp_path.glob("*/pv-restauration.html")
    text = page.read_text("utf-8")
    assert text.index("RÉPÉTITION – RESTAURATION PROUVÉE") < text.index("Empreinte du résultat")
    assert "ne prouve pas que les systèmes" in text


def test_no_text_of_a_report_reaches_ansible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible evaluates its variables: a report comes from elsewhere, and stays a file."""
    from piste.trials.restore.module import MODULES

    path, orders = tmp_path / "constat.yml", []
    hostile = "{{ lookup('pipe', 'id') }}"
    path.write_text(json.dumps(report(asset=hostile)))

    def play(order: Any, *, check: bool) -> Any:
        orders.append(order)
        raise Misused("arrêt")

    monkeypatch.setattr("piste.runs.plans.play.play", play)
    said("test", "poste-ecole", "-e", "production", "--report", str(path))
    [order] = orders
    assert "lookup" not in json.dumps([*order.options(check=False)])
    module = MODULES["piste_restore_tests"]
    params = {field.name: None for field in module.options} | {
        "environment": "production", "name": "poste-ecole", "tests": [SCHOOL], "state": "present", "secrets": KEY,
        "report": order.extra["restore_report"],
    }  # fmt: skip
    ended = datetime.now(UTC)
    moments = {"started": (ended - timedelta(hours=1)).isoformat(), "ended": ended.isoformat()}
    path.write_text(json.dumps(report(asset=hostile, **moments)))
    made = module.run(params, False)
    assert made["outcome"] == "proven"
    [proof] = Path(made["folder"]).glob("01.json")
    assert hostile in json.loads(proof.read_bytes())["proof"]["asset"]


def test_a_sheet_is_the_report_to_fill_in() -> None:
    shown = said("sheet", "poste-ecole")
    assert (shown.exit_code, "answer: null" in shown.output, "steps_done: null" in shown.output) == (0, True, True)
    assert said("sheet", "partages").exit_code == 4
    assert said("pv", "annuaire").exit_code == 1
    assert said("clean").output == "Aucun essai n’a rien laissé.\n"
