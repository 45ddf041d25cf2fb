"""The words of the verb of the network, harmless to a terminal."""

from __future__ import annotations

import pytest

from piste.commands import sobriety_network
from piste.sobriety.usage import Week


def test_a_reason_of_the_dashboard_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    week = Week(
        week="2026-W47", start="", end="", sites={}, absent=[],
        unread={"Q2AA-0001": "refusé : \x1b[2J\nTout est lu.", "ports": "refusé"},
    )  # fmt: skip
    sobriety_network._say_unread([week])
    said = capsys.readouterr().err
    assert said.splitlines() == ["2026-W47 : Q2AA-0001 : refusé : �[2J�Tout est lu.", "2026-W47 : les ports : refusé"]
