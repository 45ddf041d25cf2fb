"""Changes of group policies that are killed, or made by two administrators at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

import pytest

from piste.engine.converge.errors import AnswerLost, Conflict, Interrupted
from piste.systems.windows import sysvol
from tests.support.gpos import Console, Killed, console, die, dn, version, whole
from tests.support.samba import Domain

KEY = "Software\\Policies\\Ville"


def value(number: int) -> dict[str, Any]:
    return {"type": "dword", "data": number}


def policy(name: str = "Essai", **more: Any) -> dict[str, Any]:
    return {"name": name, "computer": {"registry": {f"{KEY}!Un": value(1)}}, **more}


FULL = policy(
    comment="Réglages",
    filtering=["Domain Computers", "Domain Users"],
    exempt=["Domain Admins"],
    computer={
        "registry": {f"{KEY}!Un": value(1)},
        "security": {"services": {"dot3svc": {"startup": "automatic"}}},
        "wired": {
            "name": "Filaire",
            "auth_mode": "machine",
            "eap": "tls",
            "server_names": ["nps1.ville.example"],
            "trusted_roots": ["01" * 20],
        },
    },
)


@pytest.fixture
def here(domain: Domain) -> Iterator[Console]:
    with console(domain) as opened:
        yield opened


def killed_and_ended(here: Console, number: int, desired: dict[str, Any], was: int = 0) -> bool:
    """Kill a run at the write of a number, end it by another; False for fewer writes."""
    try:
        with here.at_write(number, die):
            here.run(desired)
    except Killed:
        here.run(desired)
        assert here.run(desired)["changed"] is False, number
        assert whole(here, desired["name"]), number
        assert version(here, desired["name"]) & 0xFFFF > was & 0xFFFF, number
        return True
    return False


SOME, EACH = (1, 6), range(1, 99)
at_writes = pytest.mark.parametrize(
    "numbers", [pytest.param(SOME, id="some"), pytest.param(EACH, id="each", marks=pytest.mark.story)]
)
"""Writes at which a run is killed. All of them take minutes: `make stories` kills at each."""


@at_writes
def test_a_change_killed_at_any_write_is_ended_by_the_next_run(here: Console, numbers: Sequence[int]) -> None:
    change = {
        **FULL,
        "computer": {"registry": {f"{KEY}!Un": value(2)}, "wired": None},
        "filtering": ["Domain Computers"],
    }
    here.run(FULL)

    def ended(number: int) -> bool:
        return killed_and_ended(here, number, change, version(here)) and here.run(FULL)["changed"] is True

    assert max(takewhile(ended, numbers)) > 5
    here.domain.tool("gpo", "aclcheck")


@at_writes
def test_a_creation_killed_at_any_write_is_ended_by_the_next_run(here: Console, numbers: Sequence[int]) -> None:
    def ended(number: int) -> bool:
        return killed_and_ended(here, number, {**FULL, "name": f"Essai {number}"})

    assert max(takewhile(ended, numbers)) > 5
    here.domain.tool("gpo", "aclcheck")


CHANGE = policy(computer={"registry": {f"{KEY}!Un": value(2)}})
OTHER = policy(computer={"registry": {f"{KEY}!Autre": value(9)}})


def test_somebody_who_was_faster_is_not_overwritten(here: Console) -> None:
    here.run(policy())
    with console(here.domain) as other:
        with here.at_write(1, lambda: other.run(OTHER)), pytest.raises(Interrupted, match="pendant le calcul"):
            here.run(CHANGE)
        assert whole(here)
    here.run(CHANGE)
    assert here.gathered("Essai")[0]["computer"]["registry"] == {f"{KEY}!Un": value(2), f"{KEY}!Autre": value(9)}


def test_a_second_run_during_a_change_is_stopped_before_any_write(
    here: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.run(policy())
    monkeypatch.setattr(sysvol, "PATIENCE", 0.2)
    stopped: list[str] = []

    def come() -> None:
        with console(here.domain) as other:
            with pytest.raises(Conflict, match="en train de la modifier") as caught:
                other.run(OTHER)
            stopped.append(caught.value.kind)

    with here.at_write(1, come, after=True):
        here.run(CHANGE)
    assert stopped == ["refused"]
    assert whole(here)


def test_a_console_that_saves_during_a_change_stops_it_and_the_next_run_ends_it(here: Console) -> None:
    """Windows' own console does not know our marker: the version that it raises is the sign."""
    here.run(policy())

    def save() -> None:
        with here.domain.ldap() as connection:
            connection.modify(dn(here), {"versionNumber": [("MODIFY_REPLACE", [2])]})

    with here.at_write(3, save), pytest.raises(Interrupted) as caught:
        here.run(CHANGE)
    assert caught.value.kind == "refused"
    here.run(CHANGE)
    assert version(here) == 3
    assert whole(here)


@pytest.mark.parametrize("number", [1, *(pytest.param(n, marks=pytest.mark.story) for n in (3, 9, 12)), 6])
def test_a_write_whose_answer_is_lost_is_looked_for_and_the_run_goes_on(here: Console, number: int) -> None:
    def lose() -> None:
        raise AnswerLost("la réponse s’est perdue")

    with here.at_write(number, lose, after=True):
        here.run(FULL)
    assert here.run(FULL)["changed"] is False
    assert whole(here)
