"""The page of the engineer's round shows the true output of the commands.

After a change of what is said, run this test with PISTE_WRITE_PAGES=1: it fails once and writes the page again.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.pages import Round
from tests.support.playbooks import REPOSITORY, console
from tests.support.terminal import Terminal
from tests.support.town import make_core

pytestmark = pytest.mark.story

PAGE = REPOSITORY / "docs/journee.md"
DRIFTED = "/devices/QZZZ-0005-0001/switch/ports/5"


def test_the_page_shows_what_the_commands_say(tmp_path: Path) -> None:
    with console(tmp_path) as opened:
        make_core(opened.lab.meraki)
        assert opened.play("playbooks/site.yml", "-l", "ecole-jaures").code == 0
        opened.lab.meraki.edit("PUT", DRIFTED, {"name": "test", "vlan": 99})
        page = PAGE.read_text("utf-8")
        played = Round(Terminal(opened)).played(page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(played, "utf-8")
    assert page.splitlines() == played.splitlines()
