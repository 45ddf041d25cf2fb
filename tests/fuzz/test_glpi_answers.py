"""Whatever GLPI answers: unknown and nothing written, or read as it is."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from piste.engine.converge.errors import PisteError
from piste.engine.converge.reading import reading
from piste.engine.transport.response import Response
from piste.systems.glpi.tickets import as_csv, count
from tests.support.fuzz import examples
from tests.support.glpi import GlpiWorld, once

ASSET = {
    "itemtype": "Computer", "name": "pc-1", "title": "pc-1", "serial": "A1", "inventory_number": "pc-1",
    "state": "En stock", "location": "Ville", "trashed": False,
}  # fmt: skip
NAMES = [*ASSET, "id", "otherserial", "status", "is_deleted", "is_dynamic", "completename", "model", "type"]
TICKET = [
    "date", "date_solve", "type", "category", "take_into_account_duration", "resolution_duration", "is_deleted",
    "date_answered", "satisfaction",
]  # fmt: skip
LEAF = some.none() | some.booleans() | some.integers(-2, 9) | some.sampled_from(["", "A1", "pc-1", "Ville", "2026-10"])
ANY = some.recursive(
    LEAF,
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.sampled_from(["id", "name"]), inner),
)
ITEMS = some.lists(ANY | some.dictionaries(some.sampled_from(NAMES), ANY, max_size=6), max_size=3)
TICKETS = some.lists(some.dictionaries(some.sampled_from(TICKET), ANY, max_size=6), max_size=3)


@examples(small=8, wide=600)
@given(some.sampled_from(["Assets/Computer", "Dropdowns/Location", "Dropdowns/State"]), ANY | ITEMS)
def test_any_list_is_read_or_unknown(path: str, items: Any) -> None:
    """A list that is not understood is not written by; the answers to writes are GLPI's own."""

    def spoil(place: str, answer: Response) -> Response:
        if not place.endswith(path) or "content-range" not in answer.headers:
            return answer
        size = len(items) if isinstance(items, list) else 1
        headers = {**answer.headers, "content-range": f"0-{max(size - 1, 0)}/{size}"}
        return Response(200, headers, json.dumps(items).encode(), answer.url, write=answer.write)

    with TemporaryDirectory() as folder:
        world = GlpiWorld(Path(folder))
        world.simulator.world.named("State", "En stock")
        world.simulator.world.add("Location", {"name": "Ville"})
        world.spoil = spoil
        with suppress(PisteError):
            once(world, "glpi_assets", [ASSET])
        assert len(world.writes) <= 1


@examples(small=15, wide=4000)
@given(TICKETS, some.none() | TICKETS)
def test_any_tickets_are_counted_or_unknown(tickets: list[Any], answers: list[Any] | None) -> None:
    with suppress(PisteError), reading("glpi Ticket"):
        as_csv(count(tickets, ["2026-09", "2026-10"], answers))
