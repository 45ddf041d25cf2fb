"""The file of a computer: what it may say, and how little a forged file gets past its form."""

import json
import os
from copy import deepcopy
from typing import Any

import pytest

from piste.readings.computers import report
from piste.readings.computers.report import Unreadable, read

WELL: dict[str, Any] = {
    "format": 1,
    "computer": "PC-ACCUEIL-1",
    "serial": "5CG1234XYZ",
    "taken_at": "2026-11-27T10:00:00Z",
    "collector": "1.0",
    "system": {"family": "windows", "version": "10.0.22631"},
    "chassis": "laptop",
    "maker": "HP",
    "model": "EliteBook 840 G8",
    "firmware_on": "2023-04-05",
    "installed_on": "2024-01-02",
    "battery": {"designed_mwh": 53000, "full_mwh": 41000, "cycles": 210},
    "power": {"sleep_ac_s": 900, "sleep_battery_s": 600, "display_ac_s": 300, "hibernate_ac_s": 0,
              "wake_timers": "important", "modern_standby": True},
    "shutdown": {"task_present": True, "last_run": "2026-11-26T19:00:00Z", "last_result": 0},
    "states": [{"from": "2026-11-26T07:00:00Z", "until": "2026-11-26T17:00:00Z", "state": "on"},
               {"from": "2026-11-26T17:00:00Z", "until": "2026-11-27T07:00:00Z", "state": "off"}],
    "wakes": [{"source": "timer", "owner": "Reboot_AC", "times": 4}],
    "requests": None,
    "armed": [{"kind": "device", "owner": "Intel(R) Ethernet Connection I219-LM"}],
    "startup": [{"name": "OneDrive", "place": "run", "enabled": True, "scope": "user"}],
    "sessions": {"since": "2026-10-23T10:00:00Z", "minutes": [0] * 168},
    "printers": [{"port": "usb", "driver": "HP LaserJet 1020", "shared": False}],
    "telemetry": {"level": 1},
}  # fmt: skip


def changed(path: str, value: Any) -> dict[str, Any]:
    document = deepcopy(WELL)
    *parents, last = path.split(".")
    place: Any = document
    for step in parents:
        place = place[int(step) if step.isdigit() else step]
    place[last] = value
    return document


def refusal(document: Any, name: str = "PC-ACCUEIL-1.json") -> str:
    with pytest.raises(Unreadable) as raised:
        read(document if isinstance(document, bytes) else json.dumps(document).encode(), name)
    return str(raised.value)


def test_a_file_is_read_with_its_moments_in_universal_time() -> None:
    known = read(json.dumps(WELL).encode(), "PC-ACCUEIL-1.json")
    assert known.states is not None
    assert (known.states[0].since.isoformat(), known.power and known.power.sleep_ac_s) == (
        "2026-11-26T07:00:00+00:00", 900,
    )  # fmt: skip


@pytest.mark.parametrize("path", [name for name, value in WELL.items() if isinstance(value, dict | list)])
def test_a_section_that_was_not_read_is_null_and_never_empty(path: str) -> None:
    if path != "system":
        known = read(json.dumps(changed(path, None)).encode(), "PC-ACCUEIL-1.json")
        assert getattr(known, path) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("startup.0.name", "C:\\Users\\dupont\\outil.exe"),
        ("startup.0.name", "S-1-5-21-1-2-3-1104"),
        ("wakes.0.owner", "dupont@ville.fr"),
        ("wakes.0.owner", "deux\nlignes"),
        ("printers.0.driver", ""),
        ("startup.0.owner", "quelqu’un"),
        ("sessions.user", "dupont"),
        ("model", "x" * 97),
        ("power.sleep_ac_s", -1),
        ("power.sleep_ac_s", "900"),
        ("power.sleep_ac_s", 900.5),
        ("chassis", "toaster"),
        ("taken_at", "2026-11-27T10:00:00+01:00"),
        ("taken_at", 1_795_000_000),
        ("states.0.from", "2026-11-26T17:00:00Z"),
        ("states.1.from", "2026-11-26T16:00:00Z"),
        ("states.0.from", "2026-09-01T07:00:00Z"),
        ("states.1.until", "2026-11-28T07:00:00Z"),
        ("sessions.since", "2026-01-01T00:00:00Z"),
        ("sessions.minutes", [0] * 167),
        ("sessions.minutes", [361] * 168),
        ("startup", [WELL["startup"][0]] * 121),
        ("format", 2),
    ],
)
def test_nonsense_and_what_could_name_a_person_are_refused(path: str, value: Any) -> None:
    assert refusal(changed(path, value))


def test_a_refusal_quotes_nothing_of_the_file() -> None:
    forged = {**WELL, "{{ lookup('pipe','id') }}": 1, "model": "C:\\Users\\dupont"}
    assert refusal(forged) == "model : valeur incohérente ou personnelle, et 1 autre faute"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "ce n’est pas du JSON"),
        (b"\xff\xfe{}", "ce n’est pas du JSON"),
        (b"[]", "valeur inattendue"),
        (b"[" * 60_000, "ce n’est pas du JSON"),
        (b" " * (report.LONGEST + 1), "64 Kio"),
    ],
)
def test_what_is_no_document_is_refused_before_it_is_believed(content: bytes, why: str) -> None:
    assert why in refusal(content)


@pytest.mark.parametrize("name", ["PC-2.json", "pc-accueil-1.json", "../PC-ACCUEIL-1.json", "PC-ACCUEIL-1.json.tmp"])
def test_a_computer_speaks_of_itself_alone(name: str) -> None:
    assert refusal(WELL, name)


def test_the_longest_file_that_the_form_allows_of_states_stays_within_the_limit() -> None:
    state = {"from": "2026-11-26T07:00:00Z", "until": "2026-11-26T17:00:00Z", "state": "asleep"}
    assert len(json.dumps({**WELL, "states": [state] * 400})) < report.LONGEST


def test_the_schema_beside_the_form_is_its_own() -> None:
    if os.environ.get("PISTE_WRITE_PAGES"):
        report.write_schema()
    assert json.loads(report.SCHEMA.read_text("utf-8")) == report.schema()
