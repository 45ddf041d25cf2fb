"""Fields that a record keeps of a task, of a command and of a run's end."""

from __future__ import annotations

import json
import pwd
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.engine.converge.allowed import LEFT
from piste.engine.converge.errors import Misused
from piste.runs.records.chain import encode, read_open, unseal
from piste.runs.records.operator import OPERATOR, operator
from piste.runs.records.readable import text
from piste.runs.records.record import MASK, TASK, command_line, compose, fits, outcome_of, task_entry
from piste.runs.records.recorder import Options, Recorder, environment_of, of_plan
from tests.unit.records.made import header, operation, task

DISPATCHED = {"failed": True, "msg": "PISTE-E010 pas de réponse.", "code": "PISTE-E010", "kind": "unknown"}
KEPT_BACK = "message laissé à la sortie d’Ansible : il peut citer un secret"


def entry(module: str, status: str, result: dict[str, Any]) -> dict[str, Any]:
    return task_entry("ecole-jaures", "Tâche", module, status, check=False, result=result)[0]


def test_a_task_keeps_what_undo_and_audit_need_and_nothing_else() -> None:
    result = {
        "changed": True,
        "operations": [operation()],
        "withheld": ["ssid VLB-Nouveau : secret absent"],
        "calls": {"reads": 4, "writes": 1},
        "diff": [{"before": "x"}],
        "warnings": ["w"],
    }
    assert entry("ansible.legacy.meraki_ssids", "changed", result) == {
        "host": "ecole-jaures",
        "task": "Tâche",
        "module": "meraki_ssids",
        "status": "changed",
        "check": False,
        "kind": None,
        "code": None,
        "message": None,
        "operations": [operation()],
        "withheld": ["ssid VLB-Nouveau : secret absent"],
        "calls": {"reads": 4, "writes": 1},
    }


def test_a_rehearsal_is_kept_only_where_it_refused(root: Path) -> None:
    recorder = Recorder(Options())
    recorder.task_starts("prism_vms", lambda: {"piste_environment_essai": True})
    for status, result in (("ok", {"rehearsal": True}), ("failed", DISPATCHED), ("changed", {"operations": []})):
        recorder.task_ended("commune", "Converger", "prism_vms", status, False, lambda result=result: result)
    recorder.close()
    (record,) = (unseal(path.read_bytes()) for path in root.rglob("*T*.json"))
    assert [task["status"] for task in record["tasks"]] == ["failed", "changed"]


def test_the_items_of_a_loop_are_put_together() -> None:
    items = [
        {"operations": [operation("a")], "calls": {"reads": 1, "writes": 1}},
        {**DISPATCHED, "calls": {"reads": 2, "writes": 0}},
    ]
    looped = entry("meraki_ssids", "failed", {"msg": "One or more items failed", "results": items})
    assert [done["key"] for done in looped["operations"]] == ["a"]
    assert looped["calls"] == {"reads": 3, "writes": 1}
    assert (looped["kind"], looped["code"], looped["message"]) == (
        "unknown",
        "PISTE-E010",
        "PISTE-E010 pas de réponse.",
    )


@pytest.mark.parametrize(
    ("module", "result", "message"),
    [
        ("meraki_ssids", DISPATCHED, "PISTE-E010 pas de réponse."),
        ("ansible.builtin.assert", {"msg": "network n’a pas abouti"}, "network n’a pas abouti"),
        ("ansible.builtin.uri", {"msg": "401 avec clef-secrete"}, KEPT_BACK),
        ("meraki_ssids", {"msg": "Error while resolving value: clef-secrete"}, KEPT_BACK),
    ],
)
def test_only_messages_without_secrets_are_kept(module: str, result: dict[str, Any], message: str) -> None:
    assert entry(module, "failed", result)["message"] == message


def test_the_content_of_a_removed_object_is_kept_with_its_task() -> None:
    content = {"owner": "o", "kind": "network", "key": "VLB", "holds": {}}
    assert entry("meraki_networks", "changed", {"operations": [], "contents": [content]})["contents"] == [content]
    assert "contents" not in entry("meraki_networks", "changed", {"operations": [], "contents": []})


FORESEEN = {"host": "ecole-jaures", "task": "t", "module": "meraki_ssids", "operations": [operation("vu")]}


def read(*lines: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Return the status and objects of each task of an open record."""
    _, tasks, _ = read_open(b"".join(map(encode, lines)))
    return [(task["status"], [described["key"] for described in task["operations"]]) for task in tasks]


def test_what_a_task_had_foreseen_counts_where_its_end_is_missing() -> None:
    ended = {"task": task(operations=[operation("fait")])}
    other = {"task": task(host="ccas", operations=[operation("ailleurs")])}
    assert read({"foreseen": FORESEEN}, ended) == [("changed", ["fait"])]
    assert read({"foreseen": FORESEEN}, other) == [("changed", ["ailleurs"]), ("killed", ["vu"])]
    assert read(ended, {"foreseen": FORESEEN}) == [("changed", ["fait"]), ("killed", ["vu"])]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("PISTE-E025", [("failed", ["fait"])]),
        ("PISTE-E099", [("failed", ["fait"]), ("killed", ["vu"])]),
        (None, [("failed", ["fait"]), ("killed", ["vu"])]),
    ],
)
def test_a_task_whose_process_died_or_went_astray_did_not_tell_its_end(code: Any, expected: Any) -> None:
    failed = {"task": failure("error", code=code, operations=[operation("fait")])}
    assert read({"foreseen": FORESEEN}, failed) == expected


def test_the_declaration_is_that_which_a_task_has_computed() -> None:
    written = task_entry("h", "t", "piste_site", "ok", check=False, result={"declaration": "abc", "ansible_facts": {}})
    assert written[1] == "abc"
    assert "abc" not in json.dumps(written[0])


def failure(kind: str | None, **changes: Any) -> dict[str, Any]:
    return task("failed", kind=kind, **changes)


CONCLUSION = failure(None, module="assert")


@pytest.mark.parametrize(
    ("tasks", "outcome"),
    [
        ([], "ok"),
        ([task("ok"), task("skipped")], "ok"),
        ([task("ok"), task("changed")], "changes"),
        # What was read is written on this machine: nothing has changed on a system.
        ([task("ok"), task("changed", module="piste_files")], "ok"),
        ([task("changed", module="piste_files"), task("changed")], "changes"),
        ([task("changed"), failure("error")], "error"),
        ([failure("unknown"), CONCLUSION], "unknown"),
        ([failure("refused"), CONCLUSION], "refused"),
        ([CONCLUSION], "error"),
        ([failure("refused"), failure("unknown", host="ccas")], "unknown"),
        ([failure("unknown"), failure("error", host="ccas")], "error"),
        ([failure(None)], "error"),
        ([task("unreachable")], "unknown"),
        ([failure("unknown"), failure(None, module="set_fact")], "error"),
    ],
)
def test_the_outcome_is_the_worst_that_happened(tasks: list[dict[str, Any]], outcome: str) -> None:
    assert outcome_of(tasks) == outcome


def test_a_record_counts_what_its_tasks_did() -> None:
    operations = [operation(action=action) for action in ("create", "create", "delete", "reset")]
    tasks = [task("changed", operations=operations), task("ok", withheld=["x"]), failure("error")]
    record = compose(header(1), tasks, None, "2026-11-24T10:01:00Z")
    assert record["counts"] == {
        "create": 2,
        "update": 0,
        "delete": 1,
        "reset": 1,
        "withheld": 1,
        "failed": 1,
        "reads": 9,
        "writes": 1,
    }
    assert (record["format"], record["outcome"], record["declaration"]) == (1, "error", None)


@pytest.mark.parametrize(
    ("argv", "extra_vars", "shown"),
    [
        (
            ["/venv/bin/ansible-playbook", "site.yml", "-l", "ecole"],
            [],
            ["ansible-playbook", "site.yml", "-l", "ecole"],
        ),
        (["p", "-e", "clef=tramway"], ["clef=tramway"], ["p", "-e", f"clef={MASK}"]),
        (["p", "-eclef=tramway"], ["clef=tramway"], ["p", f"-eclef={MASK}"]),
        (["p", "--extra-vars=clef=tramway"], ["clef=tramway"], ["p", f"--extra-vars=clef={MASK}"]),
        (["p", "-Ce", "clef=tramway"], ["clef=tramway"], ["p", "-Ce", f"clef={MASK}"]),
        (
            ["p", "-e", "piste_plan=plans/a.json network_confirm=x clef='tram way'"],
            ["piste_plan=plans/a.json network_confirm=x clef='tram way'"],
            ["p", "-e", f"piste_plan=plans/a.json network_confirm=x clef={MASK}"],
        ),
        (["p", "-e", "clef= tramway"], ["clef= tramway"], ["p", "-e", MASK]),
        (["p", "-e", "piste_hosts=a: tramway"], ["piste_hosts=a: tramway"], ["p", "-e", MASK]),
        (["p", "-e", "clef: tramway"], ["clef: tramway"], ["p", "-e", MASK]),
        (
            ["p", "-e", '{"clef": "tramway", "piste_plan": "a"}'],
            ['{"clef": "tramway", "piste_plan": "a"}'],
            ["p", "-e", f'{{"clef": "{MASK}", "piste_plan": "a"}}'],
        ),
        (["p", "-e", '{"piste_undo": "b"}'], ['{"piste_undo": "b"}'], ["p", "-e", '{"piste_undo": "b"}']),
        (["p", "-e", "{clef: tramway}"], ["{clef: tramway}"], ["p", "-e", MASK]),
        (["p", "-e", "@vars.yml"], ["@vars.yml"], ["p", "-e", "@vars.yml"]),
        (["p", "-e", "a=1", "-l", "a=1x"], ["a=1"], ["p", "-e", f"a={MASK}", "-l", "a=1x"]),
    ],
)
def test_the_command_shows_no_value_that_may_be_a_secret(
    argv: list[str], extra_vars: list[str], shown: list[str]
) -> None:
    assert command_line(argv, extra_vars) == shown


def test_the_arguments_of_a_single_task_are_masked() -> None:
    argv = ["/bin/ansible", "ecole", "-m", "meraki_ssids", "-a", "secrets={x: tramway}"]
    assert command_line(argv, [], "secrets={x: tramway}") == ["ansible", "ecole", "-m", "meraki_ssids", "-a", MASK]


def test_the_plan_is_known_by_its_id_wherever_its_file_lies(tmp_path: Path) -> None:
    plan = tmp_path / "sous-un-autre-nom.json"
    plan.write_text('{"id": "20261124T165500Z-1a2b3c", "operations": []}')
    assert of_plan(plan)["plan"] == "20261124T165500Z-1a2b3c"
    assert of_plan(tmp_path / "absent.json") == {"plan": "absent.json"}
    assert of_plan(None) == {"plan": None}
    plan.write_text("[]")
    assert of_plan(plan) == {"plan": plan.name}


def test_the_record_has_who_approved_the_plan_and_nothing_that_is_no_approval(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    approval = {"author": "paul", "by": ["amina"], "request": "12", "rules": "main", "at": "2026-11-24T16:55:00+00:00"}
    content: dict[str, Any] = {"id": "20261124T165500Z-1a2b3c", "operations": [], "approval": approval}
    plan.write_text(json.dumps(content))
    assert of_plan(plan) == {"plan": content["id"], "approval": approval}
    for forged in ("oui", None, {**approval, "by": "amina"}):
        plan.write_text(json.dumps({**content, "approval": forged}))
        assert of_plan(plan) == {"plan": content["id"]}


@pytest.mark.parametrize(
    ("variables", "environment"),
    [
        ({"piste_environment": "lab", "piste_environment_lab": True}, "lab"),
        ({"piste_environment_lab": True, "piste_environment_production": True}, "unknown"),
        ({}, "unknown"),
        ({"piste_environment_../x": True}, "x"),
    ],
)
def test_the_environment_is_the_one_of_the_inventories(variables: dict[str, Any], environment: str) -> None:
    assert environment_of(variables) == environment


def test_what_a_task_of_any_module_says_is_kept_in_the_shape_of_a_record() -> None:
    result = {"msg": "m", "code": 404, "kind": 3, "withheld": [5], "results": "x"}
    kept = entry("ansible.builtin.uri", "failed", result)
    assert fits(kept, TASK)
    assert (kept["code"], kept["kind"], kept["withheld"]) == ("404", "3", ["5"])


@pytest.mark.parametrize(
    ("gecos", "signs"),
    [("Camille Diallo,,,", "Camille Diallo (cdiallo)"), ("cdiallo", "cdiallo"), ("", "cdiallo")],
)
def test_a_document_is_signed_by_the_full_name_of_the_account(
    gecos: str, signs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = pwd.struct_passwd(("cdiallo", "x", 1001, 1001, gecos, "/", "/bin/sh"))
    monkeypatch.delenv(OPERATOR, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: account)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout="\n"))
    assert operator("production") == signs


@pytest.mark.parametrize(
    ("given", "of_git", "signs"),
    [
        ("Claire Diallo", "Autre", "Claire Diallo (root)"),
        ("", "Claire\x1b[31m Diallo", "Claire [31m Diallo (root)"),
        ("root", "", ""),
        ("", "", ""),
        ("", "root", ""),
    ],
)
def test_root_signs_no_paper(given: str, of_git: str, signs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account = pwd.struct_passwd(("root", "x", 0, 0, "root", "/root", "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _: account)
    monkeypatch.setenv(OPERATOR, given)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=f"{of_git}\n"))
    assert operator("lab") == (signs or "root")
    if signs:
        assert operator("production") == signs
    else:
        with pytest.raises(Misused, match="n’est pas une personne"):
            operator("production")


@pytest.mark.parametrize("number", [998, 65534])
def test_a_service_signs_by_no_name_of_its_own(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    account = pwd.struct_passwd(("piste", "x", number, 1, "Service Piste", "/", "/bin/sh"))
    monkeypatch.delenv(OPERATOR, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: account)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout="Ville du Bourget\n"))
    assert operator("production") == "piste"
    monkeypatch.setenv(OPERATOR, "Claire Diallo, DSI")
    assert operator("production") == "Claire Diallo, DSI (piste)"


def test_a_person_without_a_full_name_is_named_by_git(monkeypatch: pytest.MonkeyPatch) -> None:
    account = pwd.struct_passwd(("cdiallo", "x", 1001, 1001, "", "/", "/bin/sh"))
    monkeypatch.delenv(OPERATOR, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: account)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout="Camille Diallo\n"))
    assert operator("production") == "Camille Diallo (cdiallo)"


def test_the_command_names_who_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPERATOR, "before")
    assert CliRunner().invoke(main, ["--as", "Claire Diallo, DSI", "schema", "--help"]).exit_code == 0
    assert operator("lab").startswith("Claire Diallo, DSI")


def test_the_record_of_a_part_names_what_was_left(tmp_path: Path) -> None:
    kept = tmp_path / "plan.json"
    left = {"owner": "ccas", "kind": "ssid", "label": "VLB-Agents", "waiting": LEFT}
    kept.write_text(json.dumps({"id": "20261124T165500Z-1a2b3c", "operations": [{**left, "waiting": None}, left]}))
    named = of_plan(kept)
    assert named == {"plan": "20261124T165500Z-1a2b3c", "left": ["ccas / ssid VLB-Agents"]}
    said = list(text({**compose({**header(1), **named}, [], "d", "2026-11-24T10:01:00Z"), "hash": "h"}))
    assert "  laissé          ccas / ssid VLB-Agents" in said
