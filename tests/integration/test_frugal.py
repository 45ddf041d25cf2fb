"""Servers of runs prepare much, and change nothing of what runs say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import forkclient, forkserver
from tests.support.playbooks import REPOSITORY

OURS = ("ansible.cfg", "library", "piste", "playbooks", "roles", "tests")
TEMPLATES = [
    "{{ a + 1 }}", "{{ list }}", "x{{ nested }}y", "{{ missing }}", "{{ a + }}", "{{ a | absent }}",
    "{% if a %}oui{% endif %}", r"{{ 'a\\.b' | regex_escape }}", r"{{ '1.2' is match('\d\.\d') }}",
    "#jinja2: variable_start_string:'<<', variable_end_string:'>>'\n<< a >>{{ a }}",
]  # fmt: skip
EXPRESSIONS = ["a + 1", "list | length > 1", "missing is defined", "missing", "a +", r"'1.2' is match('\d\.\d')"]
TRY = """import json, sys
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
variables = {"a": 2, "list": [1, 2], "nested": trust_as_template("{{ a + 1 }}")}
templar = Templar(loader=DataLoader(), variables=variables)
def tried(evaluate, text):
    try:
        return evaluate(trust_as_template(text))
    except Exception as error:
        return f"{type(error).__name__} : {error}"
templates, expressions = json.loads(sys.argv[1])
results = [tried(templar.template, text) for text in templates]
print(json.dumps(results + [tried(templar.evaluate_expression, text) for text in expressions]))
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository whose declaration is its own, and the rest ours."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for entry in REPOSITORY.iterdir():
        if entry.name in OURS or entry.name.endswith("_plugins"):
            (folder / entry.name).symlink_to(entry)
    shutil.copytree(REPOSITORY / "inventories", folder / "inventories", symlinks=True)
    shutil.copytree(REPOSITORY / "group_vars", folder / "group_vars")
    return folder


def ran(folder: Path, program: str, *arguments: str) -> tuple[int, str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        forkclient.FOLDER: str(forkserver.home()),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": str(forkserver.home() / "ansible"),
        "PYTHONPATH": str(folder),
    }
    out = folder.parent / "out"
    with open(os.devnull, "rb") as nothing, out.open("wb") as said:
        streams = (nothing.fileno(), said.fileno(), said.fileno())
        code = forkclient.ask(program, [program, *arguments], environment, str(folder), streams, 60)
    return code, out.read_text("utf-8")


def listed(folder: Path) -> Any:
    code, said = ran(folder, "ansible-inventory", "-i", "inventories/town", "-i", "inventories/lab", "--list")
    assert code == 0, said
    return json.loads(said)["_meta"]["hostvars"]


def test_a_run_reads_the_declaration_as_it_is_now(clone: Path) -> None:
    first = listed(clone)
    assert listed(clone) == first
    more = clone / "inventories/town/host_vars/ccas.yml"
    more.write_text(more.read_text("utf-8") + "piste_added: 1\n", "utf-8")
    (clone / "group_vars/all/added.yml").write_text("piste_of_all: {a: 2}\n", "utf-8")
    now = listed(clone)
    assert (now["ccas"].pop("piste_added"), "piste_added" in now["piscine"]) == (1, False)
    assert [values.pop("piste_of_all") for values in now.values()] == [{"a": 2}] * len(first)
    assert now == first
    (clone / "inventories/town/hosts.yml").write_text("all: {hosts: [\n", "utf-8")
    code, said = ran(clone, "ansible-inventory", "-i", "inventories/town", "--list")
    assert (code != 0, "hosts.yml" in said) == (True, True)


def test_a_kept_template_gives_what_it_gives_compiled(clone: Path) -> None:
    given = ("-c", TRY, json.dumps([TEMPLATES, EXPRESSIONS]))
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1"}
    by_hand = subprocess.run([sys.executable, *given], cwd=clone, env=environment, capture_output=True, check=True)
    for _ in range(2):
        code, said = ran(clone, forkclient.OF_A_MODULE, *given)
        assert code == 0, said
        assert json.loads(said) == json.loads(by_hand.stdout)
    assert sum(str(result).startswith("Ansible") for result in json.loads(said)) >= 4
