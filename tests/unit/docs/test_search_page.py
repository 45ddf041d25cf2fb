"""The page of searches and of the state: its commands print what it shows.

After a change of an output, run this test with `PISTE_WRITE_PAGES=1`: it fails once and writes the page again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from piste.cli import main
from piste.runs.plans import play
from piste.runs.plans.play import Played
from tests.unit.repository.tree import ROOT

PAGE = ROOT / "docs/chercher.md"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
PHONE = {
    "network": "VLB ecole-jaures", "serial": "QZZZ-0005-0001", "port": "5", "ssid": None, "vlan": "153", "online": True,
    "seen_at": "2026-11-27T13:24:00+00:00", "mac": "02:93:05:20:00:01", "ip": "10.93.43.50",
}  # fmt: skip
"""What the Dashboard says of the phone of the page."""
COMMAND = re.compile(r"^\$ piste (find .*)$", re.MULTILINE)


def said(block: re.Match[str]) -> str:
    """Run the searches of a block; blocks of other verbs stay as they are."""
    commands = COMMAND.findall(block[1])
    lines = (f"$ piste {line}\n{CliRunner().invoke(main, line.split()).output}" for line in commands)
    return f"```console\n{''.join(lines)}```" if commands else block.group()


def test_the_page_shows_what_the_commands_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PISTE_JOURNAL_DIR", str(tmp_path / "journal"))
    monkeypatch.setenv("PISTE_LAB_DIR", str(tmp_path / "lab"))
    monkeypatch.setattr(play, "play", lambda order, *, check: Played(located=[PHONE]))
    page = PAGE.read_text("utf-8")
    printed = BLOCK.sub(said, page)
    if os.environ.get("PISTE_WRITE_PAGES"):
        PAGE.write_text(printed, "utf-8")
    assert page.splitlines() == printed.splitlines()


def test_the_screen_of_the_page_has_the_lines_of_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("JOURNAL", "LAB", "LOCK", "STATE"):
        monkeypatch.setenv(f"PISTE_{name}_DIR", str(tmp_path / name))
    (shown,) = re.findall(r"```console\n\$ piste status\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    printed = CliRunner().invoke(main, ["status"]).output
    # Nothing has run in this environment: its drifts are among what is unknown.
    assert [label for label in labels(shown) if label != "dérives"] == labels(printed)
    assert "\ndernière exécution          dernière dérive          sites\n" in shown
    assert shown.splitlines()[-1] == printed.splitlines()[-1]
    assert max(map(len, shown.splitlines())) <= 80


def labels(screen: str) -> list[str]:
    """List the first words of the lines above the sites, without the signs."""
    return [line[2:17].strip() for line in screen.partition("\n\n")[0].splitlines() if line[2:17].strip()]
