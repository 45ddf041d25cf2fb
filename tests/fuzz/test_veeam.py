"""Documents of Veeam: whatever they say, a reading that can be kept, never a traceback."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.readings.protection.kept import SUBJECT
from piste.systems.veeam.copies import Read, readings
from tests.support.fuzz import examples
from tests.support.veeam import MACHINES, NOON, simulator

NOW = datetime.fromtimestamp(NOON, UTC)
SIMULATED = simulator()
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from([*MACHINES, "Stopped"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def lists() -> dict[str, list[dict[str, Any]]]:
    world, behaviour = SIMULATED.world, SIMULATED.behaviour
    return {
        "repositories": [world.repository(name) for name in world.repositories],
        "states": [world.repository_state(name, behaviour) for name in world.repositories],
        "jobs": [world.job(name, NOON, behaviour) for name in world.repositories],
        "backups": [world.backup(name, NOON) for name in world.repositories],
        "points": world.points(NOON, behaviour)[:6],
        "sessions": world.sessions(NOON, behaviour)[:6],
    }


SOUND = lists()
FIELDS = sorted({(part, name) for part, items in SOUND.items() for item in items for name in item})


@examples(small=20, wide=4000)
@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.integers(0, 5), anything), min_size=1, max_size=4))
def test_a_document_with_other_values_makes_a_reading_that_can_be_kept(
    changes: list[tuple[tuple[str, str], int, Any]],
) -> None:
    read = {part: [dict(item) for item in items] for part, items in SOUND.items()}
    for (part, name), rank, value in changes:
        read[part][rank % len(read[part])][name] = value
    warnings: list[str] = []
    sets = {name: name for name in MACHINES}
    stores = {"sauvegarde": ["sauvegarde"], "durci": ["durci"]}
    for made in readings(Read(**read), stores, {"durci": "disk"}, sets, NOW, warnings):
        assert SUBJECT.parsed(json.dumps(made["copies"]).encode()) == made["copies"]
        assert made["unknown"] is None or not made["copies"]
    assert all(isinstance(warning, str) for warning in warnings)
