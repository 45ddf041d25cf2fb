"""Tests of a site's 802.1X, and judgment of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.radius.exchange import Outcome
from piste.systems.radius.trials import Account, Missing, Trial, judged, trials

MACHINE = Account("poste", "host/pc.ad", "agents-certificat", certificate="C", key="K")
PERSON = Account("agent", "agent.test", "agents-mot-de-passe", password="secret")
REVOKED = Account("revoque", "host/pc.ad", revoked=True, certificate="C", key="K")


def access(**changed: Any) -> dict[str, Any]:
    policy = {"label": "Postes", "vlan": 111, "eap": ["tls"], "media": ["wired", "wireless"]}
    return {
        "prefixes": ["sw-ccas-", "ap-ccas-"],
        "clients": [{"name": "sw-ccas-01", "address": "10.93.8.11"}, {"name": "ap-ccas-01", "address": "10.93.8.101"}],
        "policies": [
            {**policy, "key": "agents-certificat"},
            {**policy, "key": "agents-mot-de-passe", "eap": ["peap"], "vlan": 112, "media": ["wireless"]},
        ],
        "exceptions": [],
        **changed,
    }


def exception(expired: bool, *, unconfirmed: bool = False) -> dict[str, Any]:
    state = {"expired": expired, "unconfirmed": unconfirmed}
    return {"mac": "02:93:01:00:00:60", "what": "Copieur", "until": "2026-11-23", "vlan": 111, **state}


def asked(given: dict[str, Any], *accounts: Account) -> dict[str, Trial | Missing]:
    return {trial.id: trial for trial in trials(given, accounts)}


def test_each_account_is_admitted_by_its_policy_where_the_policy_holds() -> None:
    by_id = asked(access(), MACHINE, PERSON, REVOKED)
    machine, person = by_id["tls.poste"], by_id["peap.agent"]
    assert isinstance(machine, Trial)
    assert isinstance(person, Trial)
    assert (machine.vlan, machine.place.nas, machine.place.medium) == (111, "10.93.8.11", "wired")
    assert (person.vlan, person.place.nas, person.place.medium) == (112, "10.93.8.101", "wireless")


def test_every_refusal_is_asked() -> None:
    by_id = asked(access(), MACHINE, PERSON, REVOKED)
    wanted = {id_: trial.wanted for id_, trial in by_id.items() if isinstance(trial, Trial)}
    assert wanted == {
        "tls.poste": "admis, VLAN 111",
        "peap.agent": "admis, VLAN 112",
        "peap.wrong": "refusé",
        "tls.revoked": "refusé",
        "mac.unknown": "refusé",
        "client.unknown": "sans réponse",
    }


def test_a_test_without_its_account_is_missing_and_says_which_would_do() -> None:
    by_id = asked(access())
    assert [id_ for id_, trial in by_id.items() if isinstance(trial, Missing)] == [
        "tls.admitted",
        "peap.admitted",
        "peap.wrong",
        "tls.revoked",
    ]
    missing = by_id["tls.admitted"]
    assert isinstance(missing, Missing)
    assert "agents-certificat" in missing.todo


def test_a_site_without_equipment_is_not_tested_and_says_so() -> None:
    (missing,) = trials(access(clients=[]), [MACHINE, PERSON, REVOKED])
    assert isinstance(missing, Missing)
    assert "commutateur" in missing.title


def test_a_method_that_no_policy_of_the_site_takes_is_not_asked_to_admit() -> None:
    only = access(policies=access()["policies"][:1])
    assert "peap.admitted" not in asked(only, MACHINE, REVOKED)


@pytest.mark.parametrize(("expired", "wanted"), [(False, "admis, VLAN 111"), (True, "refusé")])
def test_an_exception_is_admitted_until_it_is_over(expired: bool, wanted: str) -> None:
    by_id = asked(access(exceptions=[exception(expired)]), MACHINE)
    trial = by_id["mac.02:93:01:00:00:60"]
    assert isinstance(trial, Trial)
    assert trial.wanted == wanted
    assert ("mac.unknown" in by_id) is not expired


def test_an_exception_to_confirm_is_refused() -> None:
    trial = asked(access(exceptions=[exception(False, unconfirmed=True)]), MACHINE)["mac.02:93:01:00:00:60"]
    assert isinstance(trial, Trial)
    assert (trial.wanted, "exception à confirmer" in trial.title) == ("refusé", True)


def test_a_device_that_nobody_declares_is_drawn_anew() -> None:
    macs = {asked(access())["mac.unknown"].place.mac for _ in range(20)}  # type: ignore[union-attr]
    assert len(macs) > 1
    assert all(mac.startswith("02:00:00:") for mac in macs)


ADMISSION, REFUSAL, STRANGER = "tls.poste", "peap.wrong", "client.unknown"


@pytest.mark.parametrize(
    ("which", "outcome", "heard", "state"),
    [
        (ADMISSION, Outcome("accepted", 111), True, "ok"),
        (ADMISSION, Outcome("accepted", 112), True, "wrong"),
        (ADMISSION, Outcome("accepted", None), True, "wrong"),
        (ADMISSION, Outcome("refused"), True, "wrong"),
        (ADMISSION, Outcome("broken", why="certificat"), True, "wrong"),
        (ADMISSION, Outcome("silent"), True, "unknown"),
        (ADMISSION, Outcome("unsigned"), True, "unknown"),
        (REFUSAL, Outcome("unsigned"), True, "unknown"),
        (STRANGER, Outcome("unsigned"), True, "wrong"),
        (ADMISSION, Outcome("unfinished"), True, "unknown"),
        (REFUSAL, Outcome("refused"), True, "ok"),
        (REFUSAL, Outcome("accepted", 111), True, "wrong"),
        (REFUSAL, Outcome("broken"), True, "wrong"),
        (REFUSAL, Outcome("silent"), True, "unknown"),
        (STRANGER, Outcome("silent"), True, "ok"),
        (STRANGER, Outcome("silent"), False, "unknown"),
        (STRANGER, Outcome("refused"), True, "wrong"),
    ],
)
def test_silence_is_unknown_and_never_conform_unless_it_was_expected_of_a_server_that_speaks(
    which: str, outcome: Outcome, heard: bool, state: str
) -> None:
    trial = asked(access(), MACHINE, PERSON, REVOKED)[which]
    assert isinstance(trial, Trial)
    assert judged(trial, outcome, heard=heard)[0] == state
