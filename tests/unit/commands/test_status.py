"""`piste status`: one screen of an environment, from this machine alone."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import doctor_checks
from piste.commands.status import _here, _print_sites
from piste.engine.converge.locks import exclusive
from piste.engine.figure import Figure
from piste.readings import findings as readings
from piste.readings import history, store
from piste.readings.table import SUBJECTS
from piste.sites import moment as moments
from piste.sites import status
from piste.town import declared
from piste.town.model import Fault
from piste.town.model.derived import Derived
from piste.town.model.faults import Faults
from piste.town.model.inventory import read_inventory
from piste.town.model.tree import from_json, to_json
from tests.support.backups_read import NOW, keep_all, whole
from tests.unit.records.made import chain_of, header, operation, run, task

SITE = "ecole-jaures"


@pytest.fixture(scope="module")
def town() -> Derived:
    return declared.rule()


def converged(site: str = SITE, status: str = "changed", **changes: Any) -> dict[str, Any]:
    made = operation(owner=site)
    return task(status, host=site, module="piste_network", **{"operations": [made] if status == "changed" else [],
                                                               **changes})  # fmt: skip


def recorded(
    root: Path,
    number: int,
    *tasks: dict[str, Any],
    playbook: str = "site.yml",
    check: bool = False,
    outcome: str | None = None,
    **more: Any,
) -> None:
    """Write a run of a playbook; `check` is that of the whole run."""
    from piste.runs.records.record import compose

    chain = chain_of(root)
    head = {**header(number), "command": ["ansible-playbook", f"playbooks/{playbook}"], "check": check, **more}
    chain.finish(chain.start(head), compose(head, list(tasks), "d" * 64, f"2026-11-24T10:0{number}:00Z", outcome))


def state(town: Derived, site: str = SITE) -> status.SiteState:
    (known,) = [entry for entry in status.sites(town, "lab") if entry.site == site]
    return known


def said(town: Derived, id_: str, environment: str = "lab", now: datetime | None = None) -> list[tuple[str, str]]:
    every = status.findings(town, environment, now)
    return [(finding.state, finding.what) for finding in every if finding.id == id_]


def test_the_last_run_and_the_last_drift_of_a_site(town: Derived, root: Path) -> None:
    assert state(town) == (SITE, None, None)
    recorded(root, 1, converged())
    recorded(root, 2, converged(check=True), playbook="drift.yml", check=True)
    last, drift = state(town)[1:]
    assert last == ("20261124T000001Z-000001", "2026-11-24T10:01:00Z", "marie", "changes", 1)
    assert drift == ("20261124T000002Z-000002", "2026-11-24T10:02:00Z", "marie", "changes", 1)
    recorded(root, 3, converged(status="ok"))
    silent = task("failed", host=SITE, module="piste_site", check=True, kind="unknown")
    recorded(root, 4, silent, playbook="drift.yml", check=True)
    recorded(root, 5, converged("ccas"))
    last, drift = state(town)[1:]
    assert (last and last.outcome, drift and drift.outcome) == ("ok", "unknown")


def test_a_plan_is_no_drift_and_a_verification_is_no_run(town: Derived, root: Path) -> None:
    recorded(root, 1, converged(check=True), check=True)
    recorded(root, 2, converged(check=True), playbook="verify.yml")
    recorded(root, 3, task(host=SITE, module="meraki_checks"), playbook="doctor.yml")
    assert state(town) == (SITE, None, None)


def test_a_run_stopped_while_it_wrote_is_said(town: Derived, root: Path) -> None:
    recorded(root, 1, converged(status="killed"))
    last = state(town).last
    assert last
    assert last.outcome == "killed"


def test_an_interrupted_or_partial_drift_says_of_no_site_that_it_is_well(town: Derived, root: Path) -> None:
    recorded(root, 1, converged(check=True, status="ok"), playbook="drift.yml", check=True, outcome="killed")
    recorded(root, 2, converged(check=True, status="ok"), playbook="drift.yml", check=True, tags=["network"])
    drift = state(town).drift
    assert drift
    assert (drift.run[-6:], drift.outcome) == ("000001", "killed")


def test_a_drift_without_operations_says_nothing_of_orphans(capsys: pytest.CaptureFixture[str]) -> None:
    passage = status.Passage("r", "2026-11-24T10:00:00Z", "marie", "ok", 0)
    _print_sites([status.SiteState(SITE, None, passage)], {})
    assert "24/11 11:00 sans écart" in capsys.readouterr().out


def test_a_moment_that_is_none_has_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    _print_sites([status.SiteState(SITE, status.Passage("r", "z" * 200, None, "ok", 0), None)], {})
    assert capsys.readouterr().out.splitlines()[2].startswith("z" * 200)


def test_a_vault_that_does_not_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(doctor_checks, "vault", refused)
    (vault,) = _here("production")
    assert (vault.id, vault.state) == ("vault.encrypted", "unknown")


def test_the_moment_says_the_windows(town: Derived, root: Path) -> None:
    noon, night = datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 21)
    assert said(town, "moment", now=noon) == [("ok", "permises partout en ce moment")]
    closed = said(town, "moment", "production", noon)
    assert len(closed) > 0
    assert all("hors de la fenêtre de changement (" in what for _, what in closed)
    assert "commune" in " ".join(what for _, what in closed)
    assert "commune" not in " ".join(what for _, what in said(town, "moment", "production", night))


def test_a_freeze_is_said_now_and_before(
    town: Derived, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inventory = tmp_path / "inventories/town"
    (inventory / "group_vars").mkdir(parents=True)
    (inventory / "hosts.yml").write_text("all: {children: {sites: {children: {ecole: {hosts: {ecole-jaures: {}}}}}}}\n")
    (inventory / "group_vars/all.yml").write_text(
        'freezes:\n  - {from: "2026-12-19T00:00", until: "2027-01-04T07:00", except: [], why: Congés}\n', "utf-8"
    )
    read = read_inventory(inventory, Faults())
    monkeypatch.setattr(moments, "files", lambda environment: from_json(json.loads(json.dumps(to_json(read)))))
    alone = replace(town, sites={SITE: town.sites[SITE]}, commune=None)
    assert said(alone, "freeze", now=datetime(2026, 12, 1)) == [
        ("ok", "gel prévu du 2026-12-19 à 00:00 au 2027-01-04 à 07:00 : Congés")
    ]
    (moment,) = said(alone, "moment", now=datetime(2026, 12, 24))
    assert moment[1] == ("pas d’écriture : les écritures sont gelées jusqu’au 2027-01-04 à 07:00 : Congés (partout)")


def test_the_journal_is_verified_and_an_altered_record_is_named(town: Derived, root: Path) -> None:
    assert said(town, "journal")[0][1].startswith("aucune exécution")
    run(root, 1)
    run(root, 2)
    assert said(town, "journal") == [("ok", "intact, 2 exécutions, 2026-11, tête 20261124T000002Z-000002")]
    path = chain_of(root).folder / "20261124T000001Z-000001.json"
    path.write_bytes(path.read_bytes().replace(b"marie", b"paul!"))
    ((verdict, what),) = said(town, "journal")
    assert verdict == "wrong"
    assert "20261124T000001Z-000001.json : altéré" in what
    result = CliRunner().invoke(main, ["status"])
    assert result.exit_code == 1
    assert "✗ journal" in result.output


def test_a_long_journal_is_not_verified_here(town: Derived, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "VERIFIED", 1)
    run(root, 1)
    run(root, 2)
    ((verdict, what),) = said(town, "journal")
    assert (verdict, what.endswith("non vérifié")) == ("unknown", True)


def test_secrets_are_counted_without_opening_a_vault(town: Derived, root: Path, lab_folder: Path) -> None:
    wanted = town.secret_paths()
    assert said(town, "secrets")[0][0] == "unknown"
    assert said(town, "secrets", "production")[0][0] == "unknown"
    lab_folder.mkdir()
    values = dict.fromkeys(wanted, "valeur-de-secret")
    (lab_folder / "secrets.json").write_text(json.dumps(values))
    assert said(town, "secrets") == [("ok", f"{len(wanted)} références, toutes ont une valeur")]
    (lab_folder / "secrets.json").write_text(json.dumps({**values, wanted[0]: ""}))
    assert said(town, "secrets") == [("wrong", f"1 sur {len(wanted)} sans valeur : {wanted[0]}")]
    (lab_folder / "secrets.json").write_text("[")
    assert said(town, "secrets")[0][0] == "unknown"


def test_locks_and_runs_in_progress_are_named(town: Derived, root: Path) -> None:
    assert said(town, "locks") == [("ok", "aucun : personne n’écrit depuis ce dépôt")]
    chain_of(root).start(header(1))
    with exclusive("meraki https://127.0.0.1:4148/api/v1 VLB malraux"):
        (lock,) = said(town, "locks")
        assert lock[1].startswith("« meraki VLB malraux » : écriture en cours, par ")
        with pytest.MonkeyPatch.context() as elsewhere:
            elsewhere.chdir(root)
            with exclusive("smc https://127.0.0.1:4148 VLB"):
                assert said(town, "locks") == [lock, ("ok", "1 verrou d’autres dépôts de ce poste")]
    assert said(town, "running") == [("ok", f"{header(1)['id']}, ecole-jaures : en cours, ou interrompue")]


def test_backups_are_unknown_never_well(town: Derived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copies() -> tuple[str, str]:
        every = readings.summary(town, "lab", readings.findings(town, "lab", [SUBJECTS["copies"]]))
        (line,) = (finding for finding in every if finding.id == "copies")
        return line.state, line.what

    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    assert copies() == ("unknown", "30 inconnus")
    monkeypatch.setenv("PISTE_TODAY", f"{NOW:%Y-%m-%d}")
    keep_all("lab", [*whole(town, without=["hors-site"]).values()])
    state, what = copies()
    assert (state, "; F14 0 sur 28 (28 inconnus), RPO 30 sur 30, lues" in what) == ("unknown", True)
    keep_all("lab", whole(town).values())
    assert copies() == ("ok", "30 conformes ; F14 28 sur 28, RPO 30 sur 30, lues depuis le 27/11/2026")
    store.place("lab").write_bytes(b"[" * 200)
    assert copies()[0] == "unknown"


def test_a_false_declaration_and_an_unreadable_folder_are_said(
    town: Derived, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = Derived([Fault("PISTE-M012", "site", "host_vars/ccas.yml", 3, "Deux sites", "Corrigez.")], "", "")
    assert said(wrong, "declaration") == [("wrong", "1 erreur")]
    assert [said(wrong, id_)[0][0] for id_ in ("moment", "secrets")] == ["unknown", "unknown"]

    def refused(root: Path) -> None:
        raise PermissionError(13, "Permission denied", str(root))

    monkeypatch.setattr(status, "chains", refused)
    assert said(town, "journal")[0][0] == "unknown"


def test_the_screen_has_80_columns_and_nothing_is_run(
    root: Path, lab_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(lab_folder / "state"))
    run(root, 1, converged(), *(converged(site) for site in ("ccas", "malraux", "houyoux")))
    programs = []
    real = subprocess.run

    def seen(command: list[str], *args: Any, **more: Any) -> Any:
        programs.append(command[0])
        return real(command, *args, **more)

    monkeypatch.setattr(subprocess, "run", seen)
    result = CliRunner().invoke(main, ["status"])
    assert result.exit_code == 0, result.output
    assert set(programs) == {"git"}
    assert max(map(len, result.output.splitlines())) <= 80
    assert len(result.output.splitlines()) <= 24
    assert "les 17 autres" in result.output
    assert "24/11 11:01 modifié" in result.output
    answer = json.loads(CliRunner().invoke(main, ["status", "--format", "json"]).output)
    assert answer["environment"] == "lab"
    assert {entry["site"] for entry in answer["sites"] if entry["last"]} == {SITE, "ccas", "malraux", "houyoux"}
    assert {finding["state"] for finding in answer["findings"]} == {"ok", "unknown"}


def test_clauses_and_decisions_are_those_that_the_last_read_counted(root: Path, lab_folder: Path) -> None:
    def lines() -> dict[str, str]:
        output = CliRunner().invoke(main, ["status"]).output.splitlines()
        return {line[2:].split(" ", 1)[0]: line[0] + line[16:] for line in output if line[:1] in ("✗", "?", " ")}

    assert not {"conformité", "décisions"} & lines().keys()
    history.note("lab", [], [Figure("clauses.tender", 10, "%", 15, 150, 131), Figure("decisions", 33, "", 33, 34)])
    shown = lines()
    assert shown["conformité"].startswith("✗ 15 clauses tenues sur 150, 4 non tenues, 131 inconnues")
    assert shown["décisions"].startswith("  33 décisions attendues, le ")
