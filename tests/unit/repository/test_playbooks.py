"""Playbooks take only this repository's texts as templates, paths and names."""

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.utils.vars import validate_variable_name

from piste.runs.plans.form import CARRIED
from piste.systems.kinds import DOMAINS
from piste.town.model.variables import CommuneLevel, SiteVariables
from tests.unit.repository.tree import ROOT, shown, tracked

READ_AS_OURS = re.compile(r"(ansible\.builtin\.)?(include_vars|import_playbook|(include|import)_(tasks|role))$")
NAMES = ("file", "dir", "name", "tasks_from", "vars_from")
LOOKUPS = re.compile(r"(?:lookup|query|q)\(\s*'(?:ansible\.builtin\.)?(\w+)'")
HARMLESS = {"env", "vars", "varnames"}
"""Lookups that read neither a file nor a program."""
OWN_FILES = {
    "playbooks/authors.yml": {"file"},
    "playbooks/usage.yml": {"file"},
    "roles/undo/vars/main.yml": {"file"},
}
"""Lookups of files: the questions of verbs, the plan of an undo; never evaluated."""


class _Loader(yaml.SafeLoader):
    """Reader of YAML that leaves the tags of Ansible aside."""


_Loader.add_multi_constructor("!", lambda loader, tag, node: loader.construct_scalar(node))


def named(value: Any) -> Iterator[tuple[str, str]]:
    """List the files, playbooks and roles that tasks take as ours: key, and text that names it."""
    if isinstance(value, list):
        for inner in value:
            yield from named(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "vars_files":
                yield from ((key, str(item)) for item in inner)
            elif READ_AS_OURS.match(str(key)):
                given = inner if isinstance(inner, dict) else {"file": inner}
                yield from ((key, str(given[name])) for name in NAMES if name in given)
            else:
                yield from named(inner)


def foreign(text: str) -> list[str]:
    """List what a file of tasks takes as ours without a literal name of this repository."""
    return [f"{key}: {name}" for key, name in named(yaml.load(text, _Loader)) if "{" in name or name.startswith("/")]


def files() -> list[Any]:
    return [path for path in tracked("*.yml") if path.relative_to(ROOT).parts[0] in ("playbooks", "roles", "molecule")]


def test_every_file_that_is_taken_as_ours_is_named_literally() -> None:
    assert {shown(path): names for path in files() if (names := foreign(path.read_text("utf-8")))} == {}


def test_lookups_read_no_file_but_our_own() -> None:
    paths = [path for path in tracked("*.yml") if not path.is_symlink()]
    lookups = {shown(path): set(LOOKUPS.findall(path.read_text("utf-8"))) - HARMLESS for path in paths}
    assert {name: read for name, read in lookups.items() if read and not name.startswith("tests/")} == OWN_FILES


@pytest.mark.parametrize(
    "task",
    [
        'ansible.builtin.include_vars: {file: "{{ folder }}/a.yml", name: exported}',
        'include_vars: {dir: "{{ folder }}"}',
        "ansible.builtin.include_vars: /srv/sac/a.yml",
        'block: [{ansible.builtin.include_tasks: "{{ file }}"}]',
        'vars_files: ["{{ folder }}/a.yml"]',
        'include_role: {name: "{{ role }}"}',
    ],
)
def test_the_search_sees_what_is_not_ours(task: str) -> None:
    assert len(foreign(f"- {task}")) == 1


def test_the_search_leaves_what_is_ours() -> None:
    assert foreign("- include_tasks: tasks/a.yml\n- include_role: {name: declaration}\n  vars: {a: '{{ b }}'}") == []


def variables(value: Any) -> Iterator[str]:
    """List the variables that plays, blocks and tasks name."""
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from variables(inner)
    if isinstance(value, dict) and isinstance(value.get("vars"), dict):
        yield from value["vars"]


def test_a_variable_has_a_name_that_ansible_takes() -> None:
    for name in {name for path in files() for name in variables(read(path))}:
        validate_variable_name(name)
    (name,) = variables([{"block": [{"vars": {"none": 1}}]}])
    with pytest.raises(AnsibleError, match="none"):
        validate_variable_name(name)


def looping(value: Any) -> Iterator[dict[str, Any]]:
    """List every task that repeats a domain in a loop."""
    if isinstance(value, list):
        for inner in value:
            yield from looping(inner)
    elif isinstance(value, dict):
        if "loop" in value and {f"piste_{domain}" for domain in DOMAINS} & value.keys():
            yield value
        for inner in value.values():
            yield from looping(inner)


def test_what_does_a_domain_again_and_again_stops_at_its_first_failure() -> None:
    """Ansible goes on with the other items otherwise."""
    tasks = [task for path in files() for task in looping(yaml.load(path.read_text("utf-8"), _Loader))]
    assert [task["name"] for task in tasks] == ["Redire un réseau"]
    assert all(task["loop_control"]["break_when"] == f"{task['register']} is failed" for task in tasks)


def skips_what_is_not_open(play: dict[str, Any]) -> bool:
    """Say that the play leaves aside, before its domains, the sites that are not open."""
    first = next(iter(play.get("pre_tasks", ())), {}).get("ansible.builtin.import_role", {})
    return first == {"name": "declaration", "tasks_from": "in_service"} or role_of(play["roles"][0]) == "declaration"


def role_of(entry: Any) -> str:
    return str(entry["role"] if isinstance(entry, dict) else entry)


def test_every_play_of_the_sites_leaves_aside_those_that_are_not_open() -> None:
    """`end_host` ends a host in its play alone: in the next play, the host is there again."""
    plays = [
        (f"{shown(path)}: {play['name']}", play)
        for path in files()
        if shown(path).startswith("playbooks/") and "/tasks/" not in shown(path)
        for play in yaml.load(path.read_text("utf-8"), _Loader)
        if "sites" in str(play.get("hosts")) and {role_of(entry) for entry in play.get("roles", ())} & {*DOMAINS}
    ]
    assert len(plays) > 10
    assert [name for name, play in plays if not skips_what_is_not_open(play)] == []


HERE = {"add_host", "assert", "command", "copy", "debug", "fail", "file", "meta", "set_fact"}
"""Modules of Ansible that a play on this machine may use: they write files of this machine alone."""
PROBES = ("playbooks/probe.yml",)
"""Plays on machines that change nothing there: a program runs, and its answer is read."""
GROUPS = ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")


def steps(value: Any) -> Iterator[dict[str, Any]]:
    """List the tasks of a list of tasks, those of its blocks included."""
    for task in value or ():
        inner = [steps(task[name]) for name in GROUPS if name in task]
        yield from (step for listed in inner for step in listed) if inner else [task]


def of_role(name: str) -> list[dict[str, Any]]:
    return [step for path in (ROOT / "roles" / name / "tasks").glob("*.yml") for step in steps(read(path))]


def read(path: Any) -> Any:
    return yaml.load(path.read_text("utf-8"), _Loader) or []


def plays() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in files():
        document = read(path)
        if isinstance(document, list):
            yield from ((f"{shown(path)}: {play['name']}", play) for play in document if "hosts" in play)


def test_a_play_that_goes_to_machines_begins_by_wanting_a_trace() -> None:
    """Modules of Ansible ask no journal: a task of Piste's does, before the first of them."""
    gated, ungated = [], []
    for name, play in plays():
        if play.get("connection") == "local" or name.startswith(("molecule/", *PROBES)):
            continue
        roles = [role["role"] if isinstance(role, dict) else role for role in play.get("roles", ())]
        first = [read(ROOT / "roles" / role / "tasks/main.yml")[0] for role in roles] or [next(steps([play]))]
        (gated if all("piste_trace" in task for task in first) else ungated).append(name)
    assert ungated == []
    assert len(gated) == 2


def test_a_play_on_this_machine_writes_by_modules_of_piste_alone() -> None:
    """But for files of this machine, for the person who asked."""
    elsewhere = {name for name, play in plays() if play.get("connection") != "local"}
    used: dict[str, set[str]] = {}
    for path in files():
        tasks = [step for step in steps(read(path)) if isinstance(step, dict)]
        where = shown(path)
        if where.startswith(("molecule/", "roles/acme/", "roles/collector/")):
            continue
        for task in tasks:
            others = {key.rpartition(".")[2] for key in task if str(key).startswith("ansible.builtin.")}
            used.setdefault(where, set()).update(name for name in others if not READ_AS_OURS.match(name))
    assert {where: names - HERE for where, names in used.items() if names - HERE} == {}
    assert {name.partition(":")[0] for name in elsewhere} >= {"playbooks/acme.yml", "playbooks/collector.yml"}


def concludes(entry: Any) -> bool:
    return bool(re.search("'(role|name)': 'conclusion'", str(entry))) and "settled" not in str(entry)


def test_a_host_where_all_went_well_concludes_last_and_without_a_process() -> None:
    (first, *_), (settled,) = (read(ROOT / f"roles/conclusion/tasks/{name}.yml") for name in ("main", "settled"))
    assert first["ansible.builtin.import_tasks"] == "settled.yml"
    # The host leaves the play there, by a condition that Ansible judges itself.
    assert settled["ansible.builtin.meta"] == "end_host"
    seen = 0
    for name, play in plays():
        every = [entry for part in ("pre_tasks", "roles", "tasks", "post_tasks") for entry in play.get(part) or ()]
        at = [rank for rank, entry in enumerate(every) if concludes(entry)]
        assert at in ([], [len(every) - 1]), (name, play["name"])
        seen += len(at)
    assert seen > 8


def test_a_variable_of_an_order_has_no_name_of_the_declaration() -> None:
    """A playbook run by hand would take what is declared for what was not asked."""
    declared = {field.name for level in (SiteVariables, CommuneLevel) for field in fields(level)}
    assert {"town", "network"} <= declared
    assert {name: where for where, names in CARRIED.items() for name in names & declared} == {}
