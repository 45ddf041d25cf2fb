"""Side of a GPO as a whole: faults of every part, whatever the faults of the table."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.gpo import definitions
from piste.systems.windows.gpo.side import Parts
from tests.unit.windows.support import NOBODY, side

PARTS = Parts(definitions.names())
LAN = "http://www.microsoft.com/networking/LAN/profile/v1"


def task(**parts: Any) -> dict[str, Any]:
    return {"preferences": {"scheduled_tasks": {"T": {"actions": [{"command": "x.exe"}], **parts}}}}


def faults(value: dict[str, Any]) -> dict[str, str]:
    return {fault.path: fault.message for fault in PARTS.faults("computer", value, "computer", NOBODY)}


@pytest.mark.parametrize(
    "value",
    [
        {"scripts": {"startup": [{"parameters": "/x"}]}},
        {"firewall": {"rules": {"R": {"action": "allow"}, "S": {"direction": "inbound"}, "T": {}}}},
    ],
)
def test_a_key_that_the_table_misses_is_no_second_fault_and_hides_no_other(value: dict[str, Any]) -> None:
    assert faults(value | {"policies": {"power.sleep_after_acc": 600}}).keys() == {
        "computer.policies[power.sleep_after_acc]"
    }


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        (
            task(triggers=[{"xml": "<Bogus/>"}]),
            "preferences.scheduled_tasks[T].triggers[0].xml",
            "<Bogus> n’est aucun de TimeTrigger,",
        ),
        (
            task(actions=[{"xml": "<Run/>"}]),
            "preferences.scheduled_tasks[T].actions[0].xml",
            "<Run> n’est aucun de Exec,",
        ),
        (
            {"wired": {"name": "F", "eap": "other", "xml": f'<LANProfile xmlns="{LAN}"><OneX/></LANProfile>'}},
            "wired.xml",
            "le profil ne respecte pas son schéma (ligne 1 : Element",
        ),
    ],
)
def test_xml_that_breaks_its_schema_is_a_fault_of_the_declaration(
    value: dict[str, Any], path: str, message: str
) -> None:
    assert faults(value)[f"computer.{path}"].startswith(message)


def test_what_only_the_whole_document_shows_is_found_without_writing() -> None:
    content = side()
    value = task(triggers=[{"xml": "<TimeTrigger><Enabled>peut-être</Enabled></TimeTrigger>"}])
    assert faults(value) == {}
    (fault,) = PARTS.unwritable(content, {}, value, NOBODY)
    assert "ne respecte pas son schéma" in fault.message
    assert content == side()
    assert PARTS.unwritable(content, {}, task(), NOBODY) == ()
