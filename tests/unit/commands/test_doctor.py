"""Local checks of `doctor`: each is right on a sound machine, and fails for its own reason."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.commands import doctor, doctor_checks
from piste.commands.output import EXIT
from piste.engine.converge.locks import exclusive
from piste.engine.finding import Finding
from piste.runs.plans import hosts, play
from piste.runs.plans.play import Played, Trouble
from piste.town.model import load
from piste.town.site import MODULES
from tests.support.backups_read import NOW, keep_all, read
from tests.unit.records.made import chain_of, run, task
from tests.unit.repository.tree import ROOT


@pytest.fixture(autouse=True)
def places(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("PISTE_RUN_DIR", raising=False)


def only(findings: Iterator[Finding], state: str) -> Finding:
    """Return the only finding of a check: it has that state, and says how to mend a fault."""
    (finding,) = findings
    assert (finding.state, bool(finding.todo)) == (state, state != "ok"), finding
    return finding


# versions


def test_packages_are_those_of_the_lock() -> None:
    python, packages = doctor_checks.packages()
    assert (python.state, packages.state) == ("ok", "ok")
    assert packages.what.startswith("ansible-core 2.")


def test_a_package_of_another_version_or_absent_is_wrong(tmp_path: Path) -> None:
    lock = tmp_path / "demo.txt"
    lock.write_text("click==0.1 \\\nn-existe-pas==1.0 \\\nailleurs==3 ; sys_platform == 'win32' \\\n")
    _, finding = doctor_checks.packages(lock)
    assert finding.state == "wrong"
    assert "2 paquets hors de la version figée : click " in finding.what
    assert "n-existe-pas absent au lieu de 1.0" in finding.what


def test_an_old_python_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_checks, "PYTHON", (9, 0))
    assert next(doctor_checks.packages()).state == "wrong"


def test_without_a_lock_versions_are_unknown(tmp_path: Path) -> None:
    assert list(doctor_checks.packages(tmp_path / "demo.txt"))[1].state == "unknown"


# declaration, environment, vault


def test_the_declaration_is_right_and_a_fault_of_it_is_wrong(tmp_path: Path) -> None:
    assert "24 sites" in only(doctor_checks.declaration(), "ok").what
    (tmp_path / "hosts.yml").write_text("all: {}\n")
    assert "PISTE-M001" in only(doctor_checks.declaration(tmp_path), "wrong").what


LAB = {"piste_model": 1, "piste_environment_lab": True}


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "la déclaration commune (group_vars) n’est pas là"),
        ({"piste_model": 1}, "trouvé : aucun"),
        ({**LAB, "piste_environment_production": True}, "trouvé : lab, production"),
        ({"piste_model": 1, "piste_environment_production": True}, "inventories/lab se dit « production »"),
    ],
)
def test_an_environment_that_is_not_one_is_wrong(variables: dict[str, Any], said: str) -> None:
    only(doctor_checks.environment("lab", LAB), "ok")
    assert said in only(doctor_checks.environment("lab", variables), "wrong").what


def test_a_vault_in_clear_is_wrong(tmp_path: Path) -> None:
    assert list(doctor_checks.vault(tmp_path)) == []
    file = tmp_path / "group_vars" / "all" / "vault.yml"
    file.parent.mkdir(parents=True)
    file.write_text("vault_piste_secrets: {}\n")
    assert "ansible-vault encrypt" in only(doctor_checks.vault(tmp_path), "wrong").todo
    file.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    only(doctor_checks.vault(tmp_path), "ok")


def test_a_vault_that_does_not_open_differs_from_a_file_that_does_not_read() -> None:
    closed = doctor_checks.unreadable("Attempting to decrypt but no vault secrets found")
    assert (closed.id, closed.state) == ("vault.readable", "wrong")
    assert "ANSIBLE_VAULT_PASSWORD_FILE" in closed.todo
    assert doctor_checks.unreadable("hosts.yml: mapping values are not allowed here").id == "inventory"


def test_the_inventories_are_read_as_ansible_reads_them_and_a_closed_vault_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = hosts.variables("production")["piscine"]
    assert (known["inventory_hostname"], known["piste_change_windows"]) == ("piscine", True)
    assert known["change_windows"]["windows"][0]["start"] == "22:30"
    # Of some names: those of hosts, and nothing that Ansible would take for a file or several patterns.
    assert hosts.variables("production", ["piscine", "inconnu", "x:@/etc/hosts"]) == {"piscine": known}
    assert hosts.variables("production", ["@/etc/hosts"]) == {}
    with pytest.raises(hosts.Unreadable, match=r"no hosts|Could not match"):
        hosts.variables("production", ["inconnu"])
    for name in ("town", "production"):
        (tmp_path / "inventories" / name).mkdir(parents=True)
    (tmp_path / "inventories" / "town" / "hosts.yml").write_text("all: {hosts: {commune: }}\n")
    (tmp_path / "inventories" / "production" / "hosts.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    (tmp_path / "ansible.cfg").write_text("[inventory]\nany_unparsed_is_failed = true\n")
    monkeypatch.setattr(hosts, "ROOT", tmp_path)
    with pytest.raises(hosts.Unreadable) as caught:
        hosts.variables("production")
    assert doctor_checks.unreadable(caught.value.said).id == "vault.readable"


# folders, journal, locks, lab


def states() -> dict[str, str]:
    return {finding.id.removeprefix("folders."): finding.state for finding in doctor_checks.folders()}


def test_folders_that_others_could_read_are_wrong(root: Path, tmp_path: Path) -> None:
    fine = dict.fromkeys(("run", "plans", "journal", "locks"), "ok")
    assert states() == fine
    root.mkdir(mode=0o700)
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans").chmod(0o755)
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks").chmod(0o777)
    assert states() == {**fine, "plans": "wrong", "locks": "wrong"}
    (tmp_path / "locks").chmod(0o2770)
    (tmp_path / "plans").chmod(0o700)
    assert states() == fine


def test_folders_that_cannot_be_written_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert states()["run"] == "wrong"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "absent"))
    assert states()["run"] == "wrong"


def test_a_journal_that_somebody_changed_is_wrong(root: Path) -> None:
    only(doctor_checks.journal(), "ok")
    record = run(root, 1, task("ok"))
    only(doctor_checks.journal(), "ok")
    path = chain_of(root).folder / f"{record['id']}.json"
    path.write_text(path.read_text("utf-8").replace("ecole-jaures", "ecole-mermoz"), "utf-8")
    assert path.name in only(doctor_checks.journal(), "wrong").what


def test_the_holder_of_a_lock_is_named(tmp_path: Path) -> None:
    only(doctor_checks.locks(), "ok")
    with exclusive("meraki VLB ecole-jaures"):
        finding = only(doctor_checks.locks(), "wrong")
        holder = f"{getpass.getuser()} sur {platform.node()} (processus {os.getpid()})"
        assert finding.what == f"« meraki VLB ecole-jaures » est en cours de modification par {holder}"
    only(doctor_checks.locks(), "ok")


def test_a_lab_is_down_then_up_then_older_than_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / ".lab"))
    code = tmp_path / "lab" / "server.py"
    for path in (tmp_path / ".lab" / "lab.lock", tmp_path / ".lab" / "info.json", code):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    os.utime(code, (1_000_000, 1_000_000))
    assert "piste lab up" in only(doctor_checks.lab(tmp_path), "unknown").todo
    with open(tmp_path / ".lab" / "lab.lock") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        only(doctor_checks.lab(tmp_path), "ok")
        os.utime(code, (4_000_000_000, 4_000_000_000))
        assert "lab/server.py" in only(doctor_checks.lab(tmp_path), "wrong").what


def test_a_check_that_breaks_is_unknown_and_the_next_checks_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[Finding]:
        raise PermissionError("journal")
        yield

    monkeypatch.setattr(doctor_checks, "journal", broken)
    states = {finding.id: finding.state for finding in doctor_checks.local("production")}
    assert (states["journal"], states["locks"], "lab" in states) == ("unknown", "ok", False)


# backups


def test_backups_are_said_in_production_and_in_a_lab_that_read_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_TODAY", f"{NOW:%Y-%m-%d}")
    assert not list(doctor_checks.backups("lab"))
    assert only(doctor_checks.backups("production"), "unknown").id == "copies"
    keep_all("lab", [read("prism", ())])
    assert "F14 0 sur 28 (28 inconnus)" in only(doctor_checks.backups("lab"), "unknown").what


# secrets


def secrets(**values: str | None) -> list[dict[str, str]]:
    params = {"inventory": str(ROOT / "inventories" / "town"), "secrets": values}
    findings: list[dict[str, str]] = MODULES["piste_secrets"].run(params, True)["findings"]
    return findings


def test_secrets_without_value_are_named_and_no_value_is() -> None:
    paths = [*load(ROOT / "inventories" / "town").secret_paths(), "piste/fingerprint"]
    whole = dict.fromkeys(paths, "valeur-bien-gardee")
    assert [finding["state"] for finding in secrets(**whole)] == ["ok"]
    (finding,) = secrets(**{**whole, "radius/ccas": None, "radius/ctm": ""})
    assert (finding["state"], finding["what"]) == ("wrong", "2 secrets sans valeur : radius/ccas, radius/ctm")
    assert "reste désactivé" in finding["todo"]
    (short,) = secrets(**{**whole, "radius/ccas": "court"})
    assert (short["state"], "radius/ccas" in short["what"]) == ("wrong", True)
    assert "court" not in short["what"]


# the command


OK, WRONG, UNKNOWN = (Finding(f"essai.{state}", state, f"vu {state}", todo) for state, todo in  # type: ignore[arg-type]
                      (("ok", ""), ("wrong", "réparez"), ("unknown", "attendez")))  # fmt: skip


def said(monkeypatch: pytest.MonkeyPatch, *findings: Finding, form: str = "text") -> tuple[int, str]:
    monkeypatch.setattr(doctor, "examine", lambda environment: iter(findings))
    result = CliRunner().invoke(main, ["doctor", "--format", form])
    return result.exit_code, result.output


def test_one_line_a_check_a_sign_and_a_word_and_how_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = said(monkeypatch, OK, UNKNOWN, WRONG)
    assert code == EXIT["error"]
    assert text == (
        "✓ conforme    vu ok\n"
        "? inconnu     vu unknown\n              → attendez\n"
        "✗ à corriger  vu wrong\n              → réparez\n"
        "\n1 conforme, 1 à corriger, 1 inconnu.\n"
    )


def test_no_name_that_a_system_gives_commands_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    _, text = said(monkeypatch, Finding("a.b", "wrong", "admin\x1b[2J", "ôtez \u202eadmin"))
    assert text.startswith("✗ à corriger  admin�[2J\n              → ôtez �admin\n")


def test_colour_is_for_those_who_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda environment: iter([WRONG]))

    def shown(**environment: str) -> str:
        return CliRunner(env={"NO_COLOR": None, **environment}).invoke(main, ["doctor"], color=True).output

    assert shown().startswith("\x1b[31m✗ à corriger\x1b[0m  vu wrong\n")
    assert "\x1b" not in shown(NO_COLOR="1")


@pytest.mark.parametrize(("findings", "code"), [((OK,), "ok"), ((OK, UNKNOWN), "unknown"), ((WRONG, UNKNOWN), "error")])
def test_the_exit_code_is_that_of_the_worst(
    findings: tuple[Finding, ...], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exit_code, text = said(monkeypatch, *findings, form="json")
    answer = json.loads(text)
    assert (exit_code, answer["outcome"]) == (EXIT[code], code)
    assert answer["findings"] == [finding.to_json() for finding in findings]


def test_what_the_systems_answer_and_what_failed_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    troubles = [Trouble("commune", "Contrôler x", "error", "undefined"), Trouble("commune", "y", "unknown", "muet")]
    played = Played(findings=[OK.to_json()], troubles=troubles)
    monkeypatch.setattr(play, "play", lambda order, check: played if check else None)
    findings = list(doctor.systems("lab"))
    assert [(finding.id, finding.state) for finding in findings] == [
        ("essai.ok", "ok"),
        ("systems", "wrong"),
        ("systems", "unknown"),
    ]


def test_a_name_that_does_not_resolve_is_said_once_and_first(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = [
        Finding(f"{system}.reachable", "unknown", f"{name} : ne répond pas : le nom « {name} » ne se résout pas", "x")
        for system, name in (("ad", "dc1.ville.fr"), ("dns", "dc1.ville.fr"), ("smc", "smc1.ville.fr"))
    ]
    played = Played(findings=[finding.to_json() for finding in (OK, *silent)])
    monkeypatch.setattr(play, "play", lambda order, check: played)
    first, *others = doctor.systems("production")
    assert (first.id, first.state, others) == ("systems.names", "unknown", [OK])
    assert first.what == "ce poste ne résout pas dc1.ville.fr, smc1.ville.fr : 3 contrôles sans réponse"
    assert "dns.servers" in first.todo


@pytest.mark.parametrize(("environment", "state"), [("lab", "ok"), ("production", "wrong")])
def test_a_lab_at_the_hour_of_its_capture_has_no_clock_to_mend(
    environment: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = [Finding(f"{system}.clock", "wrong", f"1284 s sur {system}", "NTP").to_json() for system in ("smc", "glpi")]
    silent = Finding("prism.clock", "unknown", "le système (prism) ne dit pas l’heure", "Comparez-la.")
    monkeypatch.setattr(play, "play", lambda order, **more: Played(findings=[*late, silent.to_json()]))
    said = [*doctor.systems(environment)]
    assert [finding.state for finding in said] == [state] * (1 if environment == "lab" else 2) + ["unknown"]
    assert ("capture" in said[0].what) is (environment == "lab")


def test_a_fault_that_several_checks_meet_is_said_and_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "dc1.ville.fr : un autre certificat"
    met = [Finding(f"{system}.reachable", "wrong", said, "x") for system in ("ad", "dns")]
    other = Finding("dns.reachable", "wrong", said.replace("dc1", "dc2"), "x")
    played = Played(findings=[finding.to_json() for finding in (OK, *met, other)])
    monkeypatch.setattr(play, "play", lambda order, check: played)
    assert [*doctor.systems("production")] == [OK, met[0], other]


VAULT: dict[str, Any] = {
    "vault_piste_ad_password": "secret-bien-garde",
    "piste_ad": {"password": "{{ vault_piste_ad_password }}"},
    "piste_smc": {"api_key": "{{ vault_piste_smc_api_key }}"},
    "piste_secrets": "{{ vault_piste_secrets }}",
    "piste_glpi": {"app_token": "{{ vault_piste_glpi_app_token | default('', true) }}"},
}


def test_the_keys_that_the_vault_lacks_are_said_once_and_no_value_is(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = ["vault_piste_smc_api_key", "vault_piste_secrets"]
    wrong = only(doctor_checks.vault_keys("production", VAULT), "wrong")
    assert wrong.what == f"il manque au coffre : {', '.join(lacking)}"
    assert "secret-bien-garde" not in wrong.what + wrong.todo
    undefined = "Task failed: Error while resolving value for 'secrets': '{}' is undefined"
    troubles = [
        *(Trouble("commune", name, "error", undefined.format("vault_piste_secrets")) for name in ("Examiner x", "y")),
        Trouble("commune", "z", "error", undefined.format("piste_autre")),
    ]
    monkeypatch.setattr(play, "play", lambda order, check: Played(troubles=troubles))
    assert [finding.what for finding in doctor.systems("production", lacking)] == [
        "2 contrôles sans réponse, faute des clés du coffre : Examiner x ; y",
        "z : la variable piste_autre n’est définie nulle part",
    ]


def test_a_vault_that_has_all_its_keys_is_conform_and_a_lab_has_none() -> None:
    whole = {**VAULT, "vault_piste_smc_api_key": None, "vault_piste_secrets": {}}
    only(doctor_checks.vault_keys("production", whole), "ok")
    assert list(doctor_checks.vault_keys("lab", {"piste_secrets": "{{ lookup('x') }}"})) == []
    either = {"password": "{{ vault_first if yes else vault_second }}", "vault_first": 1}
    assert only(doctor_checks.vault_keys("production", either), "wrong").what == "il manque au coffre : vault_second"


def test_an_inventory_that_cannot_be_read_stops_before_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(environment: str) -> Any:
        raise hosts.Unreadable("Decryption failed (no vault secrets were found)")

    monkeypatch.setattr(doctor_checks, "local", lambda name: iter([OK]))
    monkeypatch.setattr(hosts, "variables", closed)
    monkeypatch.setattr(doctor, "systems", lambda *asked: pytest.fail("rien à demander"))
    assert [finding.id for finding in doctor.examine("production")] == ["essai.ok", "vault.readable"]
