"""Each drift names an administrator added by hand, and none that the town declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.meraki import networks
from piste.engine.converge.errors import Unreachable
from piste.runs.dispatch import MODULES
from tests.support import hosting
from tests.support.hosting import PASSWORD, PrismWorld
from tests.support.inprocess import API_KEY, BASE
from tests.support.playbooks import REPOSITORY
from tests.support.smc import SmcWorld
from tests.support.town import town_world

DECLARED = yaml.safe_load((REPOSITORY / "group_vars/all/administration.yml").read_text("utf-8"))["administrators"]
IN_CHARGE, OTHER = "administre tout, personne ne le déclare", "personne ne le déclare"


@dataclass
class System:
    """System of the lab, its connection, how an account is added by hand, the expected names."""

    name: str
    world: Any
    connection: Mapping[str, Any]
    add: Callable[[], object]
    named: list[tuple[str, str]]


def meraki(folder: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    world = town_world(folder)
    # The second account shows the name of a declared account.
    friend = ("8", "Ami", "ami@ailleurs.invalid", "read-only")
    added = (friend, ("9", "dsi@lab.invalid", "zoe@ailleurs.invalid", "full"))
    return System(
        "meraki",
        world,
        {"dashboard": {"base_url": BASE, "api_key": API_KEY, "organization": "Ville du Bourget", "rate": 0}},
        lambda: monkeypatch.setattr(networks, "ADMINS", (*networks.ADMINS, *added)),
        [("meraki/zoe@ailleurs.invalid", IN_CHARGE), ("meraki/ami@ailleurs.invalid", OTHER)],
    )


def smc(folder: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    world = SmcWorld(folder / "smc")

    def add() -> None:
        world.simulator.edit("POST", "/elements/admin_user", {"name": "ami", "superuser": False})
        world.simulator.edit("POST", "/elements/api_client", {"name": "script", "superuser": True})

    named = [("smc/script", IN_CHARGE), ("smc/ami", OTHER)]
    return System("smc", world, {"smc": world.connection()}, add, named)


def prism(folder: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    world = PrismWorld(folder)

    def add() -> None:
        for name, kind in (("zoe@ad.lebourget.example", "LDAP"), ("script", "SERVICE_ACCOUNT")):
            account = {"username": name, "userType": kind, "displayName": "admin", "emailId": "", "status": "ACTIVE"}
            world.simulator.world.keep("User", account)

    connection = {"base_url": hosting.BASE, "username": "piste", "password": PASSWORD, "rate": 0}
    named = [("prism/script", OTHER), ("prism/zoe@ad.lebourget.example", OTHER)]
    return System("prism", world, {"prism": connection}, add, named)


@pytest.fixture(params=[meraki, smc, prism], ids=lambda made: made.__name__)
def system(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return request.param(tmp_path, monkeypatch)


def drift(system: System, known: list[str] | None = None) -> dict[str, Any]:
    given = DECLARED[system.name] if known is None else known
    with system.world.run():
        return MODULES[f"{system.name}_administrators"].run({**system.connection, "known": given}, True)


def test_those_of_the_town_are_not_named(system: System) -> None:
    result = drift(system)
    assert (result["orphans"], result["warnings"], result["changed"]) == ([], [], False)
    assert result["calls"]["reads"] > 0


def test_whom_nobody_declares_is_named_who_can_do_everything_first(system: System) -> None:
    system.add()
    result = drift(system)
    assert [(orphan["key"], orphan["why"]) for orphan in result["orphans"]] == system.named
    assert {orphan["kind"] for orphan in result["orphans"]} == {"administrator"}
    assert system.world.writes == []


def test_where_nobody_is_declared_nobody_is_judged_and_it_is_said(system: System) -> None:
    system.add()
    result = drift(system, [])
    assert (result["orphans"], system.world.requests) == ([], [])
    assert "ne sont pas comparés" in result["withheld"][0]


def test_silence_and_nonsense_are_unknown(system: System) -> None:
    system.world.spoil = lambda method, answer: type(answer)(200, answer.headers, b'{"data": 1}', answer.url)
    with pytest.raises(Unreachable):
        drift(system)
    system.world.simulator.faults.add("cut", times=None)
    with pytest.raises(Unreachable):
        drift(system)
