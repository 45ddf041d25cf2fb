"""Faults that only the driver sees: raised with all others, before anything is read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from piste.engine.converge.errors import Fault, InvalidConfig, Unreachable
from piste.engine.converge.plan import Item
from piste.engine.converge.walk import Request, converge
from tests.unit.converge.fake import Fake, System
from tests.unit.converge.tables import OWNER, THINGS, vault

VAULT = vault()


def test_what_only_the_kind_sees_is_refused_with_all_other_faults() -> None:
    class Picky(Fake):
        def check(self, desired: Sequence[Item]) -> list[Fault]:
            return [Fault(f"config[{item['name']}].group", "n’existe pas") for item in desired if "group" in item]

    system = System(THINGS)
    config = [{"name": "un", "group": "agents", "limit": "x"}, {"name": "deux", "group": "agents"}]
    with pytest.raises(InvalidConfig) as caught:
        converge(Picky(system, VAULT), Request(config=config, owner=OWNER))
    assert [fault.path for fault in caught.value.faults] == [
        "config[un].limit",
        "config[un].group",
        "config[deux].group",
    ]
    assert (system.reads, system.writes) == (0, [])


def test_a_silent_system_does_not_hide_the_faults_of_a_declaration() -> None:
    class Silent(Fake):
        def check(self, desired: Sequence[Item]) -> list[Fault]:
            raise Unreachable("ne répond pas")

    driver = Silent(System(THINGS), VAULT)
    with pytest.raises(InvalidConfig):
        converge(driver, Request(config=[{"name": "un", "limit": "x"}], owner=OWNER))
    with pytest.raises(Unreachable):
        converge(driver, Request(config=[{"name": "un"}], owner=OWNER))
