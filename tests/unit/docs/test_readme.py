"""The front pages: their commands exist, and the plan that they show is what Piste prints."""

from __future__ import annotations

import difflib
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from lab.cli import main as lab_command
from piste.cli import GROUPS
from piste.town import model
from tests.support.town import SCHOOL, converge, site, town_world
from tests.unit.repository.tree import ROOT

PAGES = ["README.md", "LISEZMOI.md"]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"^( *)```python\n *# (\S+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"^(?:\$ )?make ([a-z]+)", re.MULTILINE)
PISTE = re.compile(r"^(?:\$ )?piste ([a-z]+)(?: ([a-z]+))?", re.MULTILINE)
NAMED = re.compile(r"((?:`[\w.]+`(?: and )?)+) in `([\w/]+\.py)`")
PATH = re.compile(
    r"(?<![\w/.])((?:action_plugins|doc_fragments|docs|group_vars|inventories|lab|library|molecule|piste|playbooks|roles|scripts|tests)"
    r"/[\w./-]*\w)"
)


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def block(name: str, sign: str) -> str:
    """The only fenced block of a page that contains `sign`."""
    (body,) = [text for _, text in FENCE.findall(page(name)) if sign in text]
    return str(body)


def declared_as_shown(name: str, folder: Path) -> dict[str, Any]:
    """The derived school, its file changed as the page shows."""
    shown = block(name, "serial:").rstrip("\n")
    for source in ("inventories", "group_vars"):
        shutil.copytree(ROOT / source, folder / source, symlinks=True)
    file = folder / f"inventories/town/host_vars/{SCHOOL}.yml"
    serial = re.search(r"serial: [\w-]+", shown)
    assert serial
    lines = [shown if serial.group() in line else line for line in file.read_text("utf-8").splitlines()]
    assert lines.count(shown) == 1
    file.write_text("\n".join(lines) + "\n", "utf-8")
    school: dict[str, Any] = model.load(folder / "inventories/town").require().sites[SCHOOL]
    return school


def as_ansible_prints(entry: dict[str, str]) -> str:
    """A diff entry as `ansible-playbook --diff` shows it."""
    before, after = (entry[side].splitlines(keepends=True) for side in ("before", "after"))
    headers = (f"{side}: {entry[f'{side}_header']}" for side in ("before", "after"))
    return "".join(difflib.unified_diff(before, after, *headers))


def test_the_code_quoted_on_the_page_about_resources_is_that_of_the_repository() -> None:
    quoted = QUOTED.findall(page("docs/adding-a-resource.md"))
    assert len(quoted) == 6
    for margin, path, code in quoted:
        for line in code.splitlines():
            if line.strip() == "…":
                continue
            assert f"{line.removeprefix(margin)}\n" in (ROOT / path).read_text("utf-8"), f"{path}: {line}"


@pytest.mark.parametrize("name", PAGES)
def test_the_plan_shown_is_that_of_the_change_shown(name: str, tmp_path: Path) -> None:
    world = town_world(tmp_path)
    converge(world, site(SCHOOL))
    planned = converge(world, declared_as_shown(name, tmp_path), check=True)
    (entry,) = planned.diff
    assert f"\n{as_ansible_prints(entry)}\nchanged: [{SCHOOL}]\n" in block(name, "--diff")


@pytest.mark.parametrize("name", PAGES)
def test_the_task_shown_is_one_of_the_role(name: str) -> None:
    shown = re.findall(r"^TASK \[network : (.+)\]", page(name), re.MULTILINE)
    tasks = (ROOT / "roles/network/tasks/main.yml").read_text("utf-8")
    assert [f"- name: {task}\n" in tasks for task in shown] == [True]


@pytest.mark.parametrize(
    "name",
    [
        *PAGES,
        *(f"docs/{name}.md" for name in ("premiere-semaine", "journee", "lab", "adding-a-resource", "architecture")),
    ],
)
def test_every_command_and_path_of_the_page_exists(name: str) -> None:
    assert missing(page(name)) == []


def test_the_search_finds_what_does_not_exist() -> None:
    text = "`make nothing` `piste lab dance` `piste sing` `playbooks/none.yml -l ecole` `tests/absent` `piste lab up`"
    assert missing(text) == ["make nothing", "playbooks/none.yml", "tests/absent", "piste lab dance", "piste sing"]


def test_the_code_that_the_walk_of_one_change_names_exists() -> None:
    steps = NAMED.findall(page("docs/architecture.md"))
    assert len(steps) > 15
    for names, path in steps:
        code = (ROOT / path).read_text("utf-8")
        for name in re.findall(r"`(?:\w+\.)*(\w+)`", names):
            assert re.search(rf"^ *(?:def |class )?{name}\b", code, re.MULTILINE), f"{path}: {name}"


def missing(text: str) -> list[str]:
    """List what a page names in code (spans, lines of a block) and the repository does not have."""
    code = "\n".join([*re.findall(r"`([^`\n]+)`", FENCE.sub("", text)), *(body for _, body in FENCE.findall(text))])
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    absent = [f"make {target}" for target in MAKE.findall(code) if target not in targets]
    absent += [path for path in PATH.findall(code) if not (ROOT / path).exists()]
    verbs = {place.verb for group in GROUPS.values() for place in group}
    for verb, of_the_lab in PISTE.findall(code):
        if verb not in verbs:
            absent.append(f"piste {verb}")
        elif verb == "lab" and of_the_lab and of_the_lab not in lab_command.commands:
            absent.append(f"piste lab {of_the_lab}")
    return absent
