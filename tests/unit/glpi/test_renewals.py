"""Tickets of renewal, related to certificates by their number or by their title."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from piste.engine.converge.errors import PisteError
from piste.readings.certificates import kept
from piste.readings.certificates.judgment import figure
from piste.systems.glpi.renewals import MODULES
from piste.town.model.freshness import derive_freshness
from piste.town.model.freshness_form import Freshness
from tests.support.glpi import GlpiWorld
from tests.unit.certificates.test_judgment import certificate, read, town

SECRET = "<p>le mot de passe de Mme Martin</p>"
NAMES = ("site", "mails", "actes", "vpn", "parc", "autre")


@pytest.fixture
def world(tmp_path: Path) -> GlpiWorld:
    made = GlpiWorld(tmp_path)
    for name, status, given in (
        ("Renouvellement du certificat site", 2, {}),
        ("Renouvellement du certificat mails", 4, {}),
        ("Renouvellement du certificat actes", 6, {}),
        ("Panne", 1, {}),
        ("Panne", 5, {}),
        ("Renouvellement du certificat autre", 1, {"is_deleted": True}),
        ("Le certificat autre finit", 1, {}),
    ):
        made.simulator.world.add("Ticket", {"name": name, "content": SECRET, "status": status, "type": 2, **given})
    return made


def declared() -> Any:
    """The ticket of `vpn` is open, that of `parc` is solved; that of `autre` is of another desk."""
    tickets = {"vpn": "GLPI #4", "parc": "5", "autre": "CERT-2026-4"}
    return town(*(certificate(name=name, ticket=tickets.get(name)) for name in NAMES))


def tickets(world: GlpiWorld) -> Any:
    with world.run():
        return MODULES["glpi_renewals"].run({"glpi": world.connection, "declared": declared()}, False)


def test_a_ticket_is_known_by_its_number_or_its_title_as_long_as_it_is_open(world: GlpiWorld) -> None:
    done = tickets(world)
    assert done["certificates"]["tickets"] == {
        "open": {"site": 1, "mails": 2, "vpn": 4}, "closed": ["parc"], "unread": "",
    }  # fmt: skip
    assert [path for method, path in world.requests if "Ticket" in path] == ["v2.3/Assistance/Ticket"] * 2
    assert "Martin" not in json.dumps(done)
    assert world.writes == []


def judged(days: int, given: Any) -> dict[str, Any]:
    """Judge all certificates, near their end, by what was read of their tickets."""
    now = datetime.now(UTC)
    facts = read(not_before=(now - timedelta(days=9)).isoformat(), not_after=(now + timedelta(days=days)).isoformat())
    part = {"read_at": now.isoformat(), "unread": {}, "facts": dict.fromkeys(NAMES, facts)}
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PISTE_STATE_DIR", folder)
        kept.keep("lab", [part, *given])
        every = kept.judged(declared(), kept.last("lab", derive_freshness(Freshness())))
    return {**figure(every), "todo": {item.certificate["name"]: item.observed for item in every}}


def test_f16_counts_the_tickets_of_the_service_desk(world: GlpiWorld) -> None:
    part = {"read_at": "", "facts": {}, "unread": {}, **tickets(world)["certificates"]}
    said = judged(10, [part])
    assert (said["state"], said["due_without_ticket"]) == ("wrong", ["actes", "parc"])
    assert said["due_with_ticket"] == ["site", "mails", "vpn", "autre"]
    assert "son ticket (5) n’est plus ouvert" in said["todo"]["parc"]
    assert "renouvellement demandé (GLPI 4)" in said["todo"]["vpn"]
    assert judged(90, [part])["state"] == "ok"


def test_a_service_desk_that_was_not_read_is_unknown_and_a_declared_ticket_counts() -> None:
    unread = {"read_at": "", "facts": {}, "unread": {}, "tickets": {"open": {}, "closed": [], "unread": "GLPI muet"}}
    said = judged(10, [unread])
    assert (said["state"], said["due_without_ticket"]) == ("unknown", [])
    assert said["unknown"] == ["site", "mails", "actes"]
    assert "ticket inconnu : GLPI muet" in said["todo"]["site"]
    assert judged(10, [])["due_without_ticket"] == ["site", "mails", "actes"]


def test_a_desk_that_does_not_show_its_tickets_gives_none(world: GlpiWorld) -> None:
    world.simulator.behaviour.set(forbidden=["Ticket"])
    with pytest.raises(PisteError):
        tickets(world)
