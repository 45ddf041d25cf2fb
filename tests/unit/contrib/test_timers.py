"""All that runs by itself: its units, its mail, the proposal after a drift."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from piste.engine.transport.http import Transport
from piste.sobriety.exceptions import concerned
from piste.town.model.sobriety.form import SobrietyException
from tests.support import frozen
from tests.support.breadth import breadth
from tests.unit.repository.tree import ROOT, tracked

UNITS = ROOT / "contrib/systemd"
PAGE = (ROOT / "docs/minuteries.md").read_text("utf-8")
HOME = "/srv/piste"


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(path, "utf-8")
    return parser


SERVICES = {path.stem: unit(path) for path in UNITS.glob("*.service") if "@" not in path.name}


def test_each_service_has_a_timer_its_account_and_the_mail_of_its_failure() -> None:
    timed = {path.stem for path in UNITS.glob("*.timer")}
    assert set(SERVICES) == timed | {"piste-read"}
    assert timed == {
        "piste-configurations", "piste-drift", "piste-findings", "piste-glpi-changes", "piste-journal-export",
        "piste-logs", "piste-logs-export", "piste-portal", "piste-power-hours", "piste-probe",
        "piste-sobriety-exceptions", "piste-sobriety-report", "piste-supervision",
    }  # fmt: skip
    for name, parser in SERVICES.items():
        assert parser["Unit"]["OnFailure"] == "piste-failure@%N.service", name
        assert (parser["Service"]["User"], parser["Service"]["UMask"]) == ("piste", "0077"), name
        assert name in PAGE
    assert all(unit(UNITS / f"{name}.timer")["Timer"]["Persistent"] == "true" for name in timed)


def test_nothing_that_runs_by_itself_writes_without_a_journal() -> None:
    """A person decides it, each time, in their own name."""
    run = tracked("contrib/systemd/*", "scripts/*.sh", "contrib/jobs/*")
    assert [path.name for path in run if re.search("without.journal", path.read_text("utf-8"))] == []


def test_the_portal_shows_what_was_read_just_before_it() -> None:
    """The portal waits for the reading, and is made even where a system did not answer."""
    portal = SERVICES["piste-portal"]["Unit"]
    assert (portal["Wants"], portal["After"]) == ("piste-read.service", "piste-read.service")
    assert "Requires" not in portal
    reading = SERVICES["piste-read"]["Service"]
    assert "piste read --environment production" in reading["ExecStart"]
    # Three systems are read in turn: one that asks to wait does not take the time of the others.
    assert 60 > int(reading["TimeoutStartSec"].removesuffix("min")) > 3 * Transport.patience / 60


def test_a_service_that_reads_a_system_borrows_the_password_of_the_vault() -> None:
    lent = {name for name, parser in SERVICES.items() if "vault" in parser["Service"].get("LoadCredential", "")}
    without = {"piste-findings", "piste-journal-export", "piste-logs", "piste-logs-export", "piste-portal"}
    assert lent == set(SERVICES) - without
    assert all(SERVICES[name]["Service"]["Environment"] == "ANSIBLE_VAULT_PASSWORD_FILE=%d/vault" for name in lent)


def test_each_page_and_program_of_a_unit_is_there() -> None:
    for path in tracked("contrib/systemd/*"):
        for name in re.findall(rf"{HOME}/((?:docs|scripts|contrib|playbooks)/[\w./-]+)", path.read_text("utf-8")):
            assert (ROOT / name).is_file(), f"{path.name}: {name}"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not there")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    written = tmp_path / "units"
    written.mkdir()
    for path in (*UNITS.glob("*.service"), *UNITS.glob("*.timer"), *UNITS.glob("*.d/*.conf")):
        text = path.read_text("utf-8").replace(f"{HOME}/.venv", sys.prefix).replace(HOME, str(ROOT))
        copied = written / path.relative_to(UNITS)
        copied.parent.mkdir(exist_ok=True)
        copied.write_text(text, "utf-8")
    names = [str(path) for path in written.iterdir() if path.is_file() and "@" not in path.name]
    command = ["systemd-analyze", "verify", "--man=no", *names, str(written / "piste-failure@piste-drift.service")]
    environment = {"SYSTEMD_UNIT_PATH": f"{written}:", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "piste-" in line]
    assert complaints == []


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not there")
@pytest.mark.parametrize("name", [*sorted(SERVICES), "piste-failure@"])
def test_a_service_may_do_little(tmp_path: Path, name: str) -> None:
    """The exposure is computed from the files alone: nothing of ours has run under systemd here."""
    installed = tmp_path / "etc/systemd/system"
    installed.mkdir(parents=True)
    for path in (*UNITS.glob("*.service"), *UNITS.glob("*.d")):
        (shutil.copytree if path.is_dir() else shutil.copy)(path, installed / path.name)
    command = ["systemd-analyze", "security", "--offline=true", f"--root={tmp_path}", f"{name}.service"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    [exposed] = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    # The mail goes through a program that takes the rights of its group: postfix would leave none.
    assert float(exposed) <= (6 if name == "piste-failure@" else 3), done.stdout


def test_the_mail_keeps_the_rights_of_sendmail_and_the_others_have_none() -> None:
    ours, mail = (unit(UNITS / f"{name}.service.d/50-cloison.conf")["Service"] for name in ("piste-", "piste-failure@"))
    assert ours["NoNewPrivileges"] == "yes"
    # systemd.exec: with an account that is not root, each of these implies NoNewPrivileges.
    implying = ("NoNewPrivileges", "SystemCall", "Restrict", "PrivateDevices", "ProtectKernel", "ProtectClock",
                "ProtectHostname", "LockPersonality", "MemoryDenyWriteExecute", "DynamicUser")  # fmt: skip
    assert [key for key in mail if key.startswith(implying)] == []


def test_what_the_page_installs_is_every_file_of_the_units() -> None:
    for path in UNITS.glob("*.d"):
        assert path.name in PAGE
        assert [part.name for part in path.iterdir()] == ["50-cloison.conf"]


@pytest.fixture
def mail() -> ModuleType:
    spec = spec_from_file_location("mail_failure", UNITS / "mail_failure.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GIVEN = {"PISTE_MAIL_TO": "exploitation@ville.invalid", "MONITOR_EXIT_STATUS": "2"}


def test_a_mail_gives_the_outcome_and_what_to_do(mail: ModuleType) -> None:
    written = mail.message("piste-drift", "~ switch_port sw-jau-01/5\n\x1b[31mBcc: x@y.z\r\n", GIVEN)
    assert (written["Subject"], written["To"]) == ("Piste : dérive (piste-drift)", "exploitation@ville.invalid")
    assert set(written.keys()) >= {"From", "Auto-Submitted"}
    assert written["Bcc"] is None
    body = written.get_content()
    assert body.startswith("Lisez ce qui a bougé")
    assert "~ switch_port sw-jau-01/5\n�[31mBcc" in body
    assert body.endswith("relancer : systemctl start piste-drift\n")


def test_the_mail_of_the_morning_is_no_failure(mail: ModuleType) -> None:
    for status in ("1", "3"):
        written = mail.message("piste-findings", "✗ à corriger", {**GIVEN, "MONITOR_EXIT_STATUS": status})
        assert written["Subject"] == "Piste : constats du matin (piste-findings)"
        assert written.get_content().startswith("Ce qui est à corriger ou inconnu, le pire d’abord")
    refused = mail.message("piste-findings", "", {**GIVEN, "MONITOR_EXIT_STATUS": "4"})["Subject"]
    assert refused == "Piste : refus (piste-findings)"


@pytest.mark.parametrize("address", ["a@b\nBcc: x@y", "a@b, c@d", "personne", ""])
def test_an_address_that_is_none_sends_nothing(mail: ModuleType, address: str) -> None:
    with pytest.raises(ValueError, match="adresse"):
        mail.message("piste-drift", "", {**GIVEN, "PISTE_MAIL_TO": address})


def test_the_digest_of_a_drift_goes_to_sendmail(
    mail: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "drift").mkdir()
    (tmp_path / "drift/drift.txt").write_text("~ vlan : 1 → 151\n", "utf-8")
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\necho "$*" > {tmp_path}/arguments\ncat > {tmp_path}/sent\n', "utf-8")
    program.chmod(0o755)
    for name, value in {**GIVEN, "PISTE_STATE": str(tmp_path), "PISTE_SENDMAIL": str(program)}.items():
        monkeypatch.setenv(name, value)
    mail.main("piste-drift")
    assert (tmp_path / "arguments").read_text("utf-8") == "-i -t\n"
    sent = (tmp_path / "sent").read_text("utf-8")
    assert "To: exploitation@ville.invalid" in sent
    monkeypatch.delenv("PISTE_MAIL_TO")
    with pytest.raises(SystemExit):
        mail.main("piste-drift")
    with pytest.raises(SystemExit):
        mail.main("--help")


@pytest.mark.parametrize("status", breadth(["243", "TERM", "1", ""], 2))
def test_the_digest_of_another_day_is_not_what_a_unit_said(
    mail: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: str
) -> None:
    digest = tmp_path / "drift.txt"
    digest.write_text("hier", "utf-8")
    program = tmp_path / "journalctl"
    program.write_text("#!/bin/sh\nprintf 'pas de coffre \\377'\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert mail.said_by("piste-drift", digest, status) == "pas de coffre �"
    assert mail.said_by("piste-drift", digest, "3") == "hier"


def test_a_mail_that_does_not_leave_is_said_without_a_traceback(
    mail: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "drift").mkdir()
    (tmp_path / "drift/drift.txt").write_text("~ vlan\n", "utf-8")
    for name, value in {**GIVEN, "PISTE_STATE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    for program in ("/bin/false", str(tmp_path / "absent")):
        monkeypatch.setenv("PISTE_SENDMAIL", program)
        with pytest.raises(SystemExit) as caught:
            mail.main("piste-drift")
        assert "Aucun message n’est parti" in str(caught.value)


PYTHON = """#!/bin/bash
if [[ $1 == -c ]]; then exec {real} "$@"; fi
shift 3
echo "$*" >> {calls}
case $1 in
    drift) [[ $CODE == 0 || $CODE == 1 ]] || echo '{{"operations": [{{"owner": "ccas"}}, {{"owner": "ccas"}}]}}' > "$5"
        exit "$CODE" ;;
    plan) echo "## Plan" ;;
    check) echo "## Contrôle" && exit 4 ;;
    adopt) place=inventories/production/as_found
        [[ $ADOPT == 0 ]] && mkdir -p $place && echo "as_found: {{}}" > $place/ccas.yml
        exit "$ADOPT" ;;
esac
"""


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Essai", "-c", "user.email=essai@lab.invalid"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with the script, a `piste` of paper, and a server to push to."""
    folder = tmp_path / "clone"
    for name in ("scripts", ".venv/bin"):
        (folder / name).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/propose_drift.sh", folder / "scripts")
    python = folder / ".venv/bin/python"
    python.write_text(PYTHON.format(real=sys.executable, calls=tmp_path / "calls"), "utf-8")
    python.chmod(0o755)
    (folder / ".gitignore").write_text(".venv\nout\n", "utf-8")
    git(tmp_path, "init", "--quiet", "--bare", "server.git")
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(folder))
    git(folder, "remote", "add", "origin", str(tmp_path / "server.git"))
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "Essai")
    return folder


def propose(clone: Path, code: int, adopt: int = 0, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["scripts/propose_drift.sh", *options, "production", "out"]
    environment = {"PATH": "/usr/bin:/bin", "CODE": str(code), "ADOPT": str(adopt), "HOME": str(clone)}
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def test_a_drift_proposes_to_repair_or_to_keep(clone: Path) -> None:
    done = propose(clone, 2, 0, "--push")
    assert done.returncode == 2, done.stderr
    branch = (clone / "out/branch").read_text("utf-8").strip()
    assert re.fullmatch(r"derive/production-[0-9a-f]{8}", branch)
    assert git(clone, "diff", "--name-only", "main", branch) == "inventories/production/as_found/ccas.yml\n"
    assert branch in git(clone.parent / "server.git", "branch", "--list")
    assert (git(clone, "status", "--porcelain"), git(clone, "branch", "--show-current")) == ("", "main\n")
    calls = (clone.parent / "calls").read_text("utf-8")
    assert "adopt ccas --environment production --yes" in calls
    assert (clone / "out/drift.md").read_text("utf-8").startswith("## Plan\n\n## Contrôle\n")
    for name in ("drift.md", "drift.txt"):
        text = (clone / "out" / name).read_text("utf-8")
        assert f"piste apply {clone}/out/drift.json" in text
        assert f"fusionner la branche `{branch}`" in text
    commit = git(clone, "rev-parse", branch)
    for options in ([], ["--push"]):
        assert propose(clone, 2, 0, *options).returncode == 2
        assert (clone / "out/branch").exists(), "the branch that waits is proposed again"
    assert git(clone, "rev-parse", branch) == commit
    assert (clone.parent / "calls").read_text("utf-8").count("adopt") == 1


def test_a_drift_that_nothing_can_keep_proposes_to_repair_alone(clone: Path) -> None:
    assert propose(clone, 2, adopt=4).returncode == 2
    assert not (clone / "out/branch").exists()
    assert "demande de déclarer" in (clone / "out/drift.txt").read_text("utf-8")
    assert git(clone, "worktree", "list").count("\n") == 1


@pytest.mark.parametrize("code", breadth([0, 1, 3, 4], 2))
def test_without_a_drift_nothing_is_proposed(clone: Path, code: int) -> None:
    done = propose(clone, code)
    assert done.returncode == code
    assert not (clone / "out/branch").exists()
    assert "adopt" not in (clone.parent / "calls").read_text("utf-8")


PAPER = """#!/bin/sh
echo "$*" >> {calls}
case $1 in plan) echo '{{}}' > "$6"; exit "$CODE" ;; esac
"""


@pytest.fixture
def workstation(tmp_path: Path) -> Path:
    """A folder with the scripts of the timers, the real Python and a `piste` of paper."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    texts = {"python": f'#!/bin/sh\nexec {sys.executable} "$@"\n', "piste": PAPER.format(calls=tmp_path / "calls")}
    for name, text in texts.items():
        program = tmp_path / ".venv/bin" / name
        program.write_text(text, "utf-8")
        program.chmod(0o755)
    for name in ("scripts", "piste", "group_vars", "inventories", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)  # with what is compiled
    with (tmp_path / "inventories/town/host_vars/ccas.yml").open("a", encoding="utf-8") as site:
        site.write('\nsobriety_exceptions:\n  - {from: "2026-12-05", until: "2026-12-06", why: Loto}\n')
    return tmp_path


def calls(workstation: Path, script: str, *arguments: str, **given: str) -> tuple[int, list[str]]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(workstation), "PYTHONPATH": str(workstation), **given}
    command = [workstation / "scripts" / script, *arguments]
    done = subprocess.run(command, env={**environment, **frozen.clock()}, check=False)
    file = workstation / "calls"
    return done.returncode, file.read_text("utf-8").splitlines() if file.exists() else []


def test_the_month_that_has_ended_is_exported(workstation: Path) -> None:
    code, lines = calls(workstation, "export_last_month.sh", "/exports", "/key")
    ended = date.today().replace(day=1) - timedelta(days=1)
    assert (code, lines) == (0, [f"journal export --month {ended:%Y-%m} --to /exports --key /key"])


def test_the_logs_are_sealed_then_checked_against_the_last_anchored_month(workstation: Path, tmp_path: Path) -> None:
    anchors = tmp_path / "ancres"
    assert calls(workstation, "seal_logs.sh", str(anchors), "/key")[1][-1] == "logs check --environment production"
    for month in ("2026-09", "2026-10"):
        (anchors / month).mkdir(parents=True)
    *_, sealed, checked = calls(workstation, "seal_logs.sh", str(anchors), "/key")[1]
    assert sealed == "logs seal --environment production"
    assert checked == f"logs check --environment production --anchor {anchors}/2026-10 --public-key /key"


@pytest.mark.parametrize(("code", "applied"), [(2, True), (3, False)])
def test_the_sites_of_an_exception_alone_are_planned_then_written(workstation: Path, code: int, applied: bool) -> None:
    left, lines = calls(workstation, "apply_exceptions.sh", "production", PISTE_TODAY="2026-12-05", CODE=str(code))
    assert left == (0 if applied else code)
    assert lines[0].startswith("plan ccas --domain network --environment production --out ")
    assert [line.partition(" ")[2].partition(" ")[2] for line in lines[1:]] == (
        ["--yes --outside-window minuterie : exceptions et affluences de ccas"] if applied else []
    )


def test_a_declaration_with_faults_is_said_without_a_traceback(workstation: Path) -> None:
    (workstation / "group_vars/all/journal.yml").write_text("journal: 5\n", "utf-8")
    command = [str(workstation / "scripts/apply_exceptions.sh"), "production"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(workstation), "PYTHONPATH": str(workstation)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 4)
    assert "la déclaration a" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "line",
    ["apply_exceptions.sh", "apply_exceptions.sh prod", "propose_drift.sh --push", "propose_drift.sh prod out",
     "export_last_month.sh /exports", "seal_logs.sh /ancres"],
)  # fmt: skip
def test_a_script_says_its_usage(line: str) -> None:
    name, *arguments = line.split()
    done = subprocess.run([str(ROOT / "scripts" / name), *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith(f"Usage : {name}")) == (1, True), done.stderr


def test_a_day_without_an_exception_plans_nothing(workstation: Path) -> None:
    assert calls(workstation, "apply_exceptions.sh", "production", PISTE_TODAY="2026-10-01") == (0, [])


@pytest.mark.parametrize(("day", "sites"), [(9, []), (10, ["b"]), (12, ["a", "b"]), (20, ["a"]), (21, [])])
def test_a_site_is_spared_or_set_for_a_crowd_then_brought_back(day: int, sites: list[str]) -> None:
    spared = SobrietyException.model_validate({"from": "2026-12-12", "until": "2026-12-13", "why": "Fête"})
    crowd = {"profile": "affluence", "start": "2026-12-10", "until": "2026-12-11", "why": "Match", "status": None}
    town: Any = SimpleNamespace(
        sobriety=SimpleNamespace(exceptions={"a": [spared]}), sites={"a": {"crowds": []}, "b": {"crowds": [crowd]}}
    )
    assert concerned(town, date(2026, 12, day)) == sites
