"""The page on opening a site shows the true output, from the first answer to the closing.

After a change of what is said, run this test with PISTE_WRITE_PAGES=1: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
import yaml

from lab import declared
from lab.declared import declared_town, write_secrets
from piste.papers.dossier.verification_record import latest
from piste.trials.twin import machine
from tests.support import playbooks
from tests.support.checkouts import lent
from tests.support.pages import Round
from tests.support.playbooks import REPOSITORY, console
from tests.support.terminal import Said, Terminal
from tests.support.town import make_core
from tests.support.twin import needs_machine

pytestmark = [pytest.mark.story, needs_machine]

PAGE, SITE = REPOSITORY / "docs/ouvrir-un-site.md", "ecole-helene-boucher"
OPEN = ("hotel-de-ville", "ecole-jaures")
"""Sites of the town beside the site of the page: a school first of its kind would bring groups of its own."""
ANSWERS = re.compile(r"```yaml\n# reponses\.yml\n(.*?)```", re.DOTALL)
READ = re.compile(r'[^"]+/piste-verify-\w+')
CONSTAT = re.compile(r"(Constat |verifications/lab/[a-z-]+/)\d{8}T\d{6}Z-[0-9a-f]{6}")
PROGRESS = re.compile(r"(?m)(?:^[a-z0-9-]+…\n)+")
READ_AT = re.compile(r"relevé du \d\d/\d\d/\d{4} à \d\d:\d\d")
PROBE = re.compile(r"sonde du \d\d/\d\d/\d{4} à \d\d:\d\d \((?:[^()\n]|\([^()\n]*\))+\)")
MOVING = (
    (re.compile(r"dressé en \d+,\d s"), "dressé en 4,2 s"),
    (PROBE, "sonde du 24/11/2026 à 17:55 (claire)"),
    (READ_AT, "relevé du 24/11/2026 à 17:55"),
    (re.compile(r"\d+(,\d+)? à \d+(,\d+)? ms"), "0,5 à 1,5 ms"),
    (re.compile(r"(?<!0,5 à )(?<![\d,])\d+(,\d+)? ms"), "1,5 ms"),
    (re.compile(r"-?\d+(,\d+)? s de la sonde"), "0 s de la sonde"),
    (re.compile(r"\(\d\d/\d\d/\d{4}\)"), "(24/11/2026)"),
    (re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}"), "02:00:5e:00:53:01"),
    (re.compile(r"(10\.93\.20[0-7]\.)5\d par"), r"\g<1>50 par"),
)
"""What the probe and the twin say of the moment alone."""
INSTALLED = re.compile(r"(politique installée le )\d\d/\d\d/\d{4}( à\s)\d\d:\d\d")
READINGS = re.compile(r"\d+ lectures")
"""The count depends on how often the end of a batch is polled."""
LISTED = re.compile(r"((?:^    [+~-] .*\n){2})((?:^    [+~-] .*\n){2,})", re.MULTILINE)


def shortened(text: str) -> str:
    """Cut each long list to its first two objects: another page shows a whole plan."""
    return LISTED.sub(lambda block: f"{block[1]}    … {block[2].count('\n')} autres\n", text)


class Copy(Terminal):
    """Terminal in a copy of the repository, with a declaration that may change."""

    def piste(self, *arguments: str, together: bool = False, **environment: str) -> Said:
        said = super().piste(*arguments, together=together, PYTHONPATH=str(playbooks.REPOSITORY), **environment)
        if arguments[:2] == ("site", "new"):
            self._deliver()
        return said

    def _deliver(self) -> None:
        """Deliver, like `piste lab up`, what was declared since: the page says it before opening."""
        lab = self.console.lab
        write_secrets(lab.folder, declared_town().secret_paths(planned=True))
        lab._inventory = None
        lab.deliver()


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    with (
        pytest.MonkeyPatch.context() as patch,
        lent(tmp_path_factory, OPEN) as folder,
        console(tmp_path_factory.mktemp("site"), directory=True, firewall=True) as opened,
    ):
        patch.setattr(declared, "TOWN", folder / "inventories/town")
        opened.environment["ANSIBLE_SKIP_TAGS"] = "hosting,inventory"
        twins = opened.folder / "twins"
        opened.environment |= {"PISTE_VERIFICATIONS_DIR": str(opened.folder / "verif"), machine.VARIABLE: str(twins)}
        opened.environment["PISTE_PROBES_DIR"] = str(opened.folder / "probes")
        make_core(opened.lab.meraki)
        # The servers of the town hall are behind the firewall: without their gateway, no segment reaches them.
        together = ",".join(OPEN)
        for playbook, limit in (("site", "commune"), ("domains/firewall", together), ("domains/routing", together)):
            done = opened.play(f"playbooks/{playbook}.yml", "-l", limit)
            assert done.code == 0, done.said
        installed = opened.play("playbooks/domains/firewall.yml", "-l", "commune", "--tags", "installation")
        assert installed.code == 0, installed.said
        try:
            yield Copy(opened)
        finally:
            patch.setenv(machine.VARIABLE, str(twins))
            for identity in machine.ids():
                machine.down(identity)


def test_the_page_shows_what_the_commands_say(terminal: Copy) -> None:
    page = PAGE.read_text("utf-8")
    answers = ANSWERS.search(page)
    assert answers
    (playbooks.REPOSITORY / "reponses.yml").write_text(answers[1], "utf-8")
    played = Round(terminal).played(page)
    played = played.replace(str(terminal.console.folder / "verif"), ".piste/verifications")
    played = played.replace(str((terminal.console.folder / "twins").resolve()), ".piste/twins")
    played = CONSTAT.sub(r"\g<1>20261124T165700Z-3c4d5e", READ.sub("/chemin/du/dossier", played))
    for pattern, shown in MOVING:
        played = pattern.sub(shown, played)
    played = INSTALLED.sub(r"\g<1>24/11/2026\g<2>17:56", READINGS.sub("523 lectures", shortened(played)))
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(played, "utf-8")
    assert in_one_order(page) == in_one_order(played)


def in_one_order(page: str) -> list[str]:
    """List the lines of a page; sites that are read side by side end in any order."""
    return PROGRESS.sub(lambda lines: "".join(sorted(lines[0].splitlines(keepends=True))), page).splitlines()


def test_the_verification_is_on_file_with_its_evidence(terminal: Copy) -> None:
    latest_record = latest(terminal.console.folder / "verif/lab", SITE)
    assert latest_record
    record, place = latest_record
    assert record.counts["wrong"] == record.counts["unknown"] == 0
    assert record.counts["conform"] >= 12
    assert all(test.evidence for test in record.tests if test.verdict == "conform")
    assert (place / "network.ports.json").is_file()
    (gateways,) = [test for test in record.tests if test.id == "network.gateways"]
    assert gateways.verdict == "conform"
    assert not [reserve for reserve in record.reserves if "routed_interface" in reserve]


def test_nothing_of_the_site_is_left_and_all_of_it_is_kept(terminal: Copy) -> None:
    lab = terminal.console.lab
    assert lab.directory
    assert not [network for network in terminal.world.networks.values() if SITE in network["name"]]
    assert terminal.world.devices["QZZZ-0026-0001"]["networkId"] is None
    (stack,) = [stack for network in terminal.world.networks.values() for stack in network.get("stacks", {}).values()]
    assert not {known["vlanId"] for known in stack["routing"]["interfaces"].values()} & {*range(350, 356)}
    assert SITE not in lab.directory.tool("ou", "list")
    assert SITE not in lab.directory.tool("group", "list")
    for server in ("hdv-nps1", "hdv-nps2"):
        exported = lab.systems["winrm"].exports[server]()  # type: ignore[attr-defined]
        assert "sw-bou-01" not in exported
        assert SITE not in exported
    elements = [element for element in lab.systems["smc"].state()["elements"].values() if not element["trashed"]]
    # What runs on the engine is what was installed last.
    holdings = [{name: value for name, value in element.items() if name != "installed"} for element in elements]
    assert not [element for element in holdings if SITE in str(element)]
    kept = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in (lab.folder / "fermetures" / SITE).iterdir()}
    assert [device["serial"] for device in kept["devices"]["devices"]] == ["QZZZ-0026-0001", "QZZZ-0026-0041"]
    assert "lifecycle: closed" in (playbooks.REPOSITORY / f"inventories/town/host_vars/{SITE}.yml").read_text("utf-8")


def test_closing_again_changes_nothing(terminal: Copy) -> None:
    said = terminal.piste("site", "close", SITE)
    assert said.code == 0, said.err
    assert terminal.writes == []
