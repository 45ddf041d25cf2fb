"""Readings of a folder are as gathered; a missing reading is unknown, with its reason."""

from __future__ import annotations

import json
from pathlib import Path

from piste.engine.converge.text import as_declaration
from piste.sobriety.readings import UNREAD, read
from tests.unit.sobriety.small import CCAS, SCHOOL, capacity, hours_of_machines, network
from tests.unit.sobriety.weeks import week

ENERGY = {
    "switches": [],
    "period": {"start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z", "hours": 744.0},
}


def test_everything_is_read_as_it_was_left(tmp_path: Path) -> None:
    files = {
        f"network/{SCHOOL}.yml": as_declaration(network(SCHOOL)),
        f"network/{CCAS}.yml": as_declaration(network(CCAS)),
        "printing.yml": as_declaration({"print_queues": [{"name": "imp-jau-01", "comment": "{{ x }}"}]}),
        "directory.yml": as_declaration({"gpo_links": [{"target": "Ville", "links": {"Veille": {"enabled": False}}}]}),
        "hosting/f3.json": json.dumps(hours_of_machines()),
        "hosting/capacite.json": json.dumps(capacity()),
        "energy.json": json.dumps(ENERGY),
        "usage.json": json.dumps({"weeks": [week()]}),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    readings = read(tmp_path, [SCHOOL, CCAS], {"network": "jamais dit"})
    assert readings.unread == {}
    assert readings.networks == {SCHOOL: network(SCHOOL), CCAS: network(CCAS)}
    assert readings.queues == {"imp-jau-01": {"name": "imp-jau-01", "comment": "{{ x }}"}}
    assert readings.links == {"Ville": {"target": "Ville", "links": {"Veille": {"enabled": False}}}}
    assert (readings.f3, readings.capacity) == (hours_of_machines(), capacity())
    assert readings.energy == ENERGY
    assert readings.usage == [week()]


def test_what_is_not_there_is_unknown_for_the_reason_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "hosting").mkdir()
    (tmp_path / "hosting/f3.json").write_text('{"id": "F3",', encoding="utf-8")
    (tmp_path / "printing.yml").write_text("- liste", encoding="utf-8")
    reasons = {"network": "403", f"network/{CCAS}": "site coupé", "hosting": "arrêté"}
    readings = read(tmp_path, [SCHOOL, CCAS], reasons)
    assert readings.networks == {}
    assert (readings.queues, readings.links, readings.f3, readings.capacity, readings.energy) == (None,) * 5
    assert readings.why("hosting/f3").startswith("f3.json ne se lit pas : Expecting property name")
    assert {name: why for name, why in readings.unread.items() if name != "hosting/f3"} == {
        f"network/{SCHOOL}": "403",
        f"network/{CCAS}": "site coupé",
        "printing": "printing.yml ne contient pas ce qui est attendu",
        "directory": UNREAD,
        "hosting/capacite": "arrêté",
        "energy": UNREAD,
        "usage": UNREAD,
    }
    assert readings.why("autre") == ""
