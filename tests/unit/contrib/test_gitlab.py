"""The pipeline of GitLab: its scripts run in a shell, its requests on a project of paper."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.unit.repository.tree import ROOT

FOLDER = ROOT / "contrib/gitlab"
PIPELINE = yaml.safe_load((FOLDER / ".gitlab-ci.yml").read_text("utf-8"))
JOBS = {name: job for name, job in PIPELINE.items() if isinstance(job, Mapping) and "script" in job}
SCRIPT = FOLDER / "merge_request.py"

PISTE = """#!/bin/sh
echo "piste $*" >> calls
case "$1 $2" in
    "plan show") echo "montré en $5" ;;
    plan*) [ "$PLAN" = 1 ] || echo '{}' > .piste/ci/plan.json; exit "$PLAN" ;;
    check*) [ "$CHECK" = 1 ] || echo "contrôlé"; exit "$CHECK" ;;
esac
"""
PYTHON = """#!/bin/sh
echo "python $*" >> calls
case "$2" in
    accounts) echo "--author paul $APPROVED" ;;
    words) echo "$WORDS" ;;
    number) echo 7 ;;
esac
"""


def run(job: str, folder: Path, **given: str) -> tuple[int, list[str]]:
    """Run the script of a job with programs of paper; give its code and the calls."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name, text in {"piste": PISTE, "python": PYTHON, "git": '#!/bin/sh\necho "git $*" >> calls\n'}.items():
        (programs / name).write_text(text, "utf-8")
        (programs / name).chmod(0o755)
    (folder / ".piste/ci").mkdir(parents=True, exist_ok=True)
    (folder / ".piste/out").mkdir(parents=True, exist_ok=True)
    lines = "\n".join(JOBS[job]["script"])
    environment = {
        "PATH": f"{programs}:{os.defpath}",
        "PISTE_STATE": str(folder / "state"),
        "PISTE_TARGET": "all",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "PLAN": "2",
        "CHECK": "0",
        "APPROVED": "--approved-by amina",
        "WORDS": "",
        **given,
    }
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", lines], cwd=folder, env=environment, check=False)
    calls = folder / "calls"
    return done.returncode, calls.read_text("utf-8").splitlines() if calls.exists() else []


@pytest.mark.parametrize("job", JOBS)
def test_each_script_parses(job: str) -> None:
    lines = "\n".join([*PIPELINE["default"]["before_script"], *JOBS[job]["script"]])
    subprocess.run(["bash", "-n", "-c", lines], check=True)
    assert JOBS[job]["stage"] in PIPELINE["stages"]


def test_only_a_person_applies_and_only_on_the_default_branch() -> None:
    applying = [name for name, job in JOBS.items() if any("piste apply" in line for line in job["script"])]
    assert applying == ["appliquer"]
    assert JOBS["appliquer"]["rules"][-1] == {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", "when": "manual"}
    assert {name for name, job in JOBS.items() if job.get("resource_group") == "ville"} == {
        "planifier", "appliquer", "dérive",
    }  # fmt: skip


def test_no_secret_is_an_argument() -> None:
    lines = [line for job in JOBS.values() for line in job["script"]]
    assert not any("PISTE_COMMENT_TOKEN" in line or "PISTE_VAULT_PASSWORD" in line for line in lines)


@pytest.mark.parametrize(("plan", "code"), [("0", 0), ("2", 0), ("3", 3), ("4", 4)])
def test_a_plan_is_shown_and_kept_and_an_incomplete_plan_fails_after(tmp_path: Path, plan: str, code: int) -> None:
    left, calls = run("planifier", tmp_path, PLAN=plan)
    assert left == code
    assert calls[1] == "piste plan all --environment production --out .piste/ci/plan.json"
    assert "python contrib/gitlab/merge_request.py comment .piste/ci/plan.md" in calls
    assert (tmp_path / "state/reviewed/7.json").exists() is (code == 0), "nobody approves a plan that is not whole"


def test_a_plan_takes_the_words_of_the_description(tmp_path: Path) -> None:
    _, calls = run("planifier", tmp_path, WORDS="--confirm removals --confirm network:x/1")
    assert "--environment production --confirm removals --confirm network:x/1 --out" in calls[1]


@pytest.mark.parametrize(("approved", "kept"), [("--approved-by amina", True), ("", False)])
def test_a_plan_that_has_an_approval_stays_what_was_read(tmp_path: Path, approved: str, kept: bool) -> None:
    reviewed = tmp_path / "state/reviewed/7.json"
    reviewed.parent.mkdir(parents=True)
    reviewed.write_text("lu", "utf-8")
    assert run("planifier", tmp_path, APPROVED=approved)[0] == 0
    assert (reviewed.read_text("utf-8") == "lu") is kept


def test_a_plan_that_does_not_come_fails_at_once(tmp_path: Path) -> None:
    left, calls = run("planifier", tmp_path, PLAN="1")
    assert (left, len(calls)) == (1, 2)


@pytest.mark.parametrize("code", [0, 4])
def test_a_check_takes_the_rules_of_the_target_and_is_shown_before_it_fails(tmp_path: Path, code: int) -> None:
    left, calls = run("contrôler", tmp_path, CHECK=str(code))
    assert left == code
    assert calls[2:] == [
        "git fetch --quiet origin refs/heads/main",
        f"piste check .piste/ci/plan.json --reviewed {tmp_path}/state/reviewed/7.json --base FETCH_HEAD "
        "--author paul --approved-by amina --format markdown",
        "python contrib/gitlab/merge_request.py comment .piste/ci/plan.md .piste/ci/check.md",
    ]


def test_a_check_that_does_not_end_is_said_in_the_comment(tmp_path: Path) -> None:
    assert run("contrôler", tmp_path, CHECK="1")[0] == 1
    assert "n’a pas abouti" in (tmp_path / ".piste/ci/check.md").read_text("utf-8")


def test_the_default_branch_compares_with_the_plan_that_was_read(tmp_path: Path) -> None:
    _, calls = run("contrôler", tmp_path, CI_PIPELINE_SOURCE="push")
    assert f"--reviewed {tmp_path}/state/reviewed/7.json --merge-request 7 --seal" in calls[2]
    assert run("planifier", tmp_path, CI_PIPELINE_SOURCE="push")[0] == 0
    assert not (tmp_path / "state/reviewed/7.json").exists()


def test_the_declaration_is_validated_for_good(tmp_path: Path) -> None:
    """The only script that needs neither a system nor a secret runs with the real command."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PISTE_DERIVED_DIR": str(tmp_path)}
    script = "\n".join(JOBS["valider"]["script"]).replace(".piste/out", str(tmp_path))
    command = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "fautes.sarif").read_text("utf-8"))["version"] == "2.1.0"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script of requests, in a job of a merge request."""
    spec = spec_from_file_location("merge_request", SCRIPT)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    given = {"CI_API_V4_URL": "https://git.lab.invalid/api/v4", "CI_PROJECT_ID": "3", "CI_COMMIT_SHA": "c" * 40}
    given |= {"CI_DEFAULT_BRANCH": "main", "CI_MERGE_REQUEST_IID": "7", "PISTE_COMMENT_TOKEN": "jeton"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return module


def answering(script: ModuleType, monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Answer the requests from a table, and list them with their bodies."""
    sent: list[tuple[str, ...]] = []

    def call(method: str, path: str, body: Any = None) -> Any:
        sent.append((method, path, json.dumps(body, ensure_ascii=False)))
        return answers.get(path.partition("?")[0], {})

    monkeypatch.setattr(script, "call", call)
    return sent


def note(identity: int, author: int, body: str) -> dict[str, Any]:
    return {"id": identity, "author": {"id": author}, "body": body}


def test_a_comment_takes_the_place_of_its_former_self_alone(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plan.md").write_text("## Plan", "utf-8")
    notes = [note(1, 5, "<!-- piste -->\nautre"), note(2, 9, "bonjour"), note(3, 9, "<!-- piste -->\nvieux")]
    place = "/merge_requests/7/notes"
    sent = answering(script, monkeypatch, {"/user": {"id": 9}, place: notes})
    script.main(["comment", str(tmp_path / "plan.md")])
    assert sent[-1] == ("PUT", f"{place}/3", '{"body": "<!-- piste -->\\n## Plan"}')
    sent = answering(script, monkeypatch, {"/user": {"id": 8}, place: notes})
    script.main(["comment", str(tmp_path / "plan.md")])
    assert sent[-1][:2] == ("POST", place)


def test_the_comment_is_found_on_the_pages_that_follow(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plan.md").write_text("## Plan", "utf-8")
    pages = {"1": [note(rank, 5, "bonjour") for rank in range(100)], "2": [note(500, 9, "<!-- piste -->\nvieux")]}
    sent: list[str] = []

    def call(method: str, path: str, body: Any = None) -> Any:
        sent.append(f"{method} {path}")
        asked = parse_qs(urlsplit(path).query)
        return {"id": 9} if path == "/user" else pages[asked["page"][0]] if asked else {}

    monkeypatch.setattr(script, "call", call)
    script.main(["comment", str(tmp_path / "plan.md")])
    assert sent[-1] == "PUT /merge_requests/7/notes/500"


def people(author: str, *approved: str) -> dict[str, Any]:
    entries = [{"user": {"username": name}} for name in approved]
    return {
        "/merge_requests/7": {"author": {"username": author}},
        "/merge_requests/7/approvals": {"approved_by": entries},
    }


def test_the_accounts_are_options_and_a_name_is_never_an_option_of_its_own(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(script, monkeypatch, people("paul", "amina", "sofia.rossi"))
    script.main(["accounts"])
    assert capsys.readouterr().out == "--author paul --approved-by amina --approved-by sofia.rossi\n"
    for name in ("--format", "a b", "$(x)", ""):
        answering(script, monkeypatch, people("paul", name))
        with pytest.raises(SystemExit) as caught:
            script.main(["accounts"])
        assert "n’en est pas un" in str(caught.value)


def test_the_words_are_those_of_the_description_and_never_an_option_of_their_own(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def describe(text: str | None) -> None:
        answering(script, monkeypatch, {"/merge_requests/7": {"description": text}})
        script.main(["words"])

    describe("Retire une imprimante.\r\n\r\nConfirmer : `removals` network:sw-jau-02/8\r\nConfirmer\xa0: removals\r\n")
    assert capsys.readouterr().out == "--confirm removals --confirm network:sw-jau-02/8\n"
    for text in (None, "À confirmer : rien", "Confirmer :"):
        describe(text)
        assert capsys.readouterr().out == "\n"
    for word in ("--out", "$(x)", "network:*", "a;b", "network:{{x}}"):
        with pytest.raises(SystemExit) as caught:
            describe(f"Confirmer : {word}")
        assert "n’en est pas un" in str(caught.value)


def test_a_commit_of_no_merge_request_is_applied_by_nobody(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI_MERGE_REQUEST_IID")
    place = f"/repository/commits/{'c' * 40}/merge_requests"
    others = [{"iid": 1, "state": "opened", "target_branch": "main"}]
    others += [{"iid": 2, "state": "merged", "target_branch": "essai"}]
    answering(script, monkeypatch, {place: others})
    with pytest.raises(SystemExit) as caught:
        script.main(["number"])
    assert "personne ne l’a relu" in str(caught.value)
    answering(script, monkeypatch, {place: [*others, {"iid": 3, "state": "merged", "target_branch": "main"}]})
    script.main(["number"])
    assert capsys.readouterr().out == "3\n"


def test_a_drift_has_a_single_request(script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "drift.md").write_text("## Dérive", "utf-8")
    sent = answering(script, monkeypatch, {"/merge_requests": [{"iid": 4}]})
    script.main(["propose", "derive", str(tmp_path / "drift.md")])
    assert [request[0] for request in sent] == ["GET"]
    sent = answering(script, monkeypatch, {})
    script.main(["propose", "derive", str(tmp_path / "drift.md")])
    assert sent[-1][:2] == ("POST", "/merge_requests")
    assert '"target_branch": "main"' in sent[-1][2]


def test_the_token_goes_nowhere_in_clear(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_API_V4_URL", "http://git.lab.invalid/api/v4")
    with pytest.raises(SystemExit) as caught:
        script.call("GET", "/user")
    assert "https" in str(caught.value)


@pytest.mark.parametrize("token", ["glpat-secret\n", "glpat-secrét", ""])
def test_a_token_that_is_none_is_not_quoted(script: ModuleType, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("CI_API_V4_URL", "https://127.0.0.1:1/api/v4")
    monkeypatch.setenv("PISTE_COMMENT_TOKEN", token)
    with pytest.raises(SystemExit) as caught:
        script.call("GET", "/user")
    assert "PISTE_COMMENT_TOKEN manque ou" in str(caught.value)
    assert "glpat" not in str(caught.value)


def test_a_long_plan_is_cut_and_its_verdict_is_not(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "plan.md").write_text("- `un nom`\n" * 100_000, "utf-8")
    (tmp_path / "check.md").write_text("## Contrôle", "utf-8")
    sent = answering(script, monkeypatch, {"/user": {"id": 9}, "/merge_requests/7/notes": []})
    script.main(["comment", str(tmp_path / "plan.md"), str(tmp_path / "check.md")])
    body = json.loads(sent[-1][2])["body"]
    assert len(body) < 1_000_000
    assert body.endswith(f"- `un nom`\n\n</details>\n\n{script.TOO_LONG}\n\n## Contrôle")


PUSHED = ("piste", "group_vars", "inventories", "requirements")


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    who = ["-c", "user.name=Essai", "-c", "user.email=essai@lab.invalid"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_hook_refuses_to_push_a_declaration_with_faults(tmp_path: Path) -> None:
    clone, server = tmp_path / "clone", tmp_path / "server.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(server)], check=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(clone)], check=True)
    for name in PUSHED:
        shutil.copytree(ROOT / name, clone / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    (clone / ".venv").symlink_to(sys.prefix)
    (clone / ".git/info/exclude").write_text(".venv\n", "utf-8")
    (clone / ".git/hooks").mkdir(exist_ok=True)
    (clone / ".git/hooks/pre-push").symlink_to(ROOT / "scripts/refuse_faults.sh")
    git(clone, "add", "-A")
    git(clone, "commit", "--quiet", "-m", "Juste")
    file = clone / "group_vars/all/journal.yml"
    right = file.read_text("utf-8")
    file.write_text(right.replace("12", "1"), "utf-8")
    pushed = git(clone, "push", "--quiet", str(server), "main")
    assert pushed.returncode == 0, pushed.stderr  # What is on the disk is not pushed.
    git(clone, "commit", "--quiet", "-am", "Faux")
    file.write_text(right, "utf-8")
    refused = git(clone, "push", "--quiet", str(server), "main")
    assert refused.returncode == 1
    assert "PISTE-M007" in refused.stderr
    assert "Refusé : refs/heads/main a des fautes de déclaration." in refused.stderr
    (clone / ".venv").unlink()
    refused = git(clone, "push", "--quiet", str(server), "main")
    assert refused.returncode == 1
    assert "rien ne peut contrôler la déclaration" in refused.stderr
    assert "a des fautes" not in refused.stderr
