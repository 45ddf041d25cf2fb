"""Values that the lab gives by SNMP in a twin, by the protocol `pass_persist`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.polled.answers import answered, oid, parsed, serve
from lab.polled.trees import DEVICES, OUTPUT_STATUS

VALUES = parsed("1.3.10 string dix mots\n# note\n\n1.3.9.1 integer 2\n")


@pytest.mark.parametrize(
    ("command", "asked", "answer"),
    [
        ("get", ".1.3.9.1", ".1.3.9.1\ninteger\n2"),
        ("get", ".1.3.9", "NONE"),
        ("getnext", ".1.3.9", ".1.3.9.1\ninteger\n2"),
        # By numbers, not by letters: 10 comes after 9.
        ("getnext", ".1.3.9.1", ".1.3.10\nstring\ndix mots"),
        ("getnext", ".1.3.10", "NONE"),
    ],
)
def test_a_value_is_that_asked_for_or_the_next(command: str, asked: str, answer: str) -> None:
    assert answered(VALUES, command, oid(asked)) == answer


def test_a_value_changed_by_hand_is_given_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ups.snmp"
    path.write_text("1.2 integer 2\n", "utf-8")

    def lines() -> Iterator[str]:
        yield from ("PING\n", "get\n", ".1.2\n")
        path.write_text("1.2 integer 34\n", "utf-8")
        yield from ("get\n", ".1.2\n", "")

    serve(path, lines().__next__)
    assert capsys.readouterr().out.split() == ["PONG", ".1.2", "integer", "2", ".1.2", "integer", "34"]


def test_every_value_of_a_device_is_below_its_branches() -> None:
    for device in DEVICES.values():
        assert all(any(name.startswith(f"{branch}.") for branch in device.branches) for name in device.values)
    assert DEVICES["ups"].values[OUTPUT_STATUS] == ("integer", "2")
