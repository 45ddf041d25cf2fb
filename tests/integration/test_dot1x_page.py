"""The page on 802.1X shows the true output of the commands, from off to enforced and back.

After a change of what is said, run this test with PISTE_WRITE_PAGES=1: it fails once and writes the page again.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from piste.systems.radius.exchange import Place, Server, ask_mac
from tests.support.checkouts import lent
from tests.support.playbooks import REPOSITORY, console
from tests.support.terminal import Said, Terminal

pytestmark = pytest.mark.story

FAX = "02:93:03:00:00:60"
PAGE, SITE = "docs/passage-802.1x.md", "cimetiere"
BLOCK = re.compile(r"(?<=```)(console|yaml)\n(.*?)(?=```)", re.DOTALL)
FILE = re.compile(r"# (inventories/\S+)\n")
COMMAND = re.compile(r"^\$ (piste .*)$", re.MULTILINE)
PLAN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
AS_SHOWN = tuple(f"20261124T165{n}00Z-{n}a{n}b{n}c" for n in range(4))


class Tree:
    """Copy of the repository with a declaration that may change, and a terminal in it."""

    def __init__(self, terminal: Terminal, folder: Path) -> None:
        self.terminal, self.folder = terminal, folder
        self.plans: list[str] = []

    def piste(self, *arguments: str, together: bool = False) -> Said:
        return self.terminal.piste(*arguments, together=together, PYTHONPATH=str(self.folder))

    def declare(self, file: str, text: str) -> None:
        """Give these variables to a file of the declaration, each whole, before the others."""
        path = self.folder / file
        rest = path.read_text("utf-8")
        for name in yaml.safe_load(text):
            rest = re.sub(rf"^{name}:.*\n(?:[ #].*\n)*", "", rest, flags=re.MULTILINE)
        path.write_text(f"---\n{text}{rest.removeprefix('---\n')}", "utf-8")

    def play(self, kind: str, block: str) -> str:
        if kind == "yaml":
            if file := FILE.match(block):
                self.declare(file[1], block[file.end() :])
            return block
        return "".join(self._say(line) for line in COMMAND.findall(block))

    def _say(self, line: str) -> str:
        asked = line
        for shown, real in zip(AS_SHOWN, self.plans, strict=False):
            asked = asked.replace(shown, real)
        said = self.piste(*asked.split()[1:], together=True).out
        self.plans += [identifier for identifier in dict.fromkeys(PLAN.findall(said)) if identifier not in self.plans]
        for shown, real in zip(AS_SHOWN, self.plans, strict=False):
            said = said.replace(real, shown)
        plans = str(self.terminal.console.folder / "plans")
        return f"$ {line}\n{said.replace(plans, '.piste/plans')}"

    @property
    def record(self) -> Path:
        return self.terminal.console.lab.folder / "eap_tests" / f"{SITE}.yml"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with (
        lent(tmp_path_factory, ("hotel-de-ville", SITE)) as folder,
        console(tmp_path_factory.mktemp("passage"), directory=True) as opened,
    ):
        opened.environment["ANSIBLE_SKIP_TAGS"] = "firewall,hosting,inventory,names,printing"
        done = opened.play("playbooks/site.yml", "-l", f"commune:{SITE}")
        assert done.code == 0, done.said
        assert opened.lab.directory is not None
        yield Tree(Terminal(opened), folder)


def test_a_device_is_admitted_until_its_exception_is_over_and_not_the_day_after(tree: Tree) -> None:
    opened, today = tree.terminal.console, date.today()
    lab, secret = opened.lab.info["radius"], opened.secrets["radius/sonde"]
    server = Server("hdv-nps1", lab["address"], lab["auth_port"], secret, lab["source"])
    outcomes = []
    for until in (today, today - timedelta(1)):
        item = {"mac": FAX, "what": "Fax", "why": "Aucun client", "segment": "utilisateurs", "until": str(until)}
        tree.declare(f"inventories/town/host_vars/{SITE}.yml", f"dot1x_exceptions:\n  - {json.dumps(item)}\n")
        done = opened.play("playbooks/domains/access.yml", "-l", "commune", PYTHONPATH=str(tree.folder))
        assert done.code == 0, done.said
        outcome = ask_mac(server, Place("10.93.24.11", mac=FAX))
        outcomes.append((outcome.verdict, outcome.vlan))
    assert outcomes == [("accepted", 131), ("refused", None)]
    assert "exception échue" in tree.piste("plan", SITE, "--domain", "access").out
    tree.declare(f"inventories/town/host_vars/{SITE}.yml", "dot1x_exceptions: []\n")


def test_an_account_out_of_its_group_is_not_admitted_and_nothing_is_recorded(tree: Tree) -> None:
    said = tree.piste("verify", SITE, "--domain", "access")
    assert said.code == 1
    refused = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert [line.partition(" : ")[2].partition(" (")[0] for line in refused] == ["agent-essai"] * 2
    assert not tree.record.exists()
    assert tree.terminal.writes == []


def test_the_page_shows_what_the_commands_say(tree: Tree) -> None:
    directory = tree.terminal.console.lab.directory
    assert directory is not None
    directory.tool("group", "addmembers", "GV-Agents", "agent.test")
    page = (REPOSITORY / PAGE).read_text("utf-8")
    played = BLOCK.sub(lambda block: f"{block[1]}\n{tree.play(block[1], block[2])}", page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        (REPOSITORY / PAGE).write_text(played, "utf-8")
    assert page.splitlines() == played.splitlines()
    assert yaml.safe_load(tree.record.read_text("utf-8"))["servers"] == ["hdv-nps1", "hdv-nps2"]
