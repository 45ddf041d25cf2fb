"""The page on replacing a device shows the true output, from the dry run to the second run.

After a change of what is said, run this test with PISTE_WRITE_PAGES=1: it fails once and writes the page again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import yaml

from lab import declared
from lab.declared import declared_town
from tests.support import playbooks
from tests.support.checkouts import lent
from tests.support.pages import Round
from tests.support.playbooks import REPOSITORY, console
from tests.support.terminal import Said, Terminal

pytestmark = pytest.mark.story

PAGE, SITE = REPOSITORY / "docs/remplacer.md", "ecole-jaures"
OLD, NEW = "QZZZ-0005-0002", "QZZZ-0100-0002"


class Copy(Terminal):
    """Terminal in a copy of the repository, whose new device comes once it is declared."""

    def piste(self, *arguments: str, together: bool = False, **environment: str) -> Said:
        said = super().piste(*arguments, together=together, PYTHONPATH=str(playbooks.REPOSITORY), **environment)
        self.console.lab._inventory = None
        if NEW in {device["serial"] for device in declared_town().sites[SITE]["devices"]}:
            self.console.lab.deliver()
        return said


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    with (
        pytest.MonkeyPatch.context() as patch,
        lent(tmp_path_factory, [SITE]) as folder,
        console(tmp_path_factory.mktemp("remplacement")) as opened,
    ):
        patch.setattr(declared, "TOWN", folder / "inventories/town")
        opened.lab.meraki.behaviour.set(offline=[OLD])
        done = opened.play("playbooks/domains/network.yml", "-l", SITE)
        assert done.code == 0, done.said
        opened.lab.meraki.edit("PUT", f"/devices/{OLD}/switch/ports/3", {"udld": "Enforce"})
        yield Copy(opened)


def test_the_page_shows_what_the_commands_say(terminal: Copy) -> None:
    page = PAGE.read_text("utf-8")
    played = Round(terminal).played(page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(played, "utf-8")
    assert page.splitlines() == played.splitlines()


def test_the_new_device_has_all_of_the_old_and_the_old_is_on_the_shelf(terminal: Copy) -> None:
    known = terminal.world.devices
    assert known[NEW]["networkId"]
    assert known[OLD]["networkId"] is None
    assert known[NEW]["config"]["name"] == "sw-jau-02"
    assert known[NEW]["port"]["3"]["udld"] == "Enforce"
    file = playbooks.REPOSITORY / f"inventories/town/host_vars/{SITE}.yml"
    text, before = (path.read_text("utf-8") for path in (file, REPOSITORY / file.relative_to(playbooks.REPOSITORY)))
    (line,) = [line for line in yaml.safe_load(text)["switches"] if line["serial"] == NEW]
    assert line["replaces"] == OLD
    assert text.replace(f"{NEW}, replaces: {OLD}", OLD) == before
