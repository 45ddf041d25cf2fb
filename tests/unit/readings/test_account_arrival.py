"""An arrival: accounts that no system has yet, by a plan or by hand; a withdrawal's plan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from piste.cli import main
from piste.commands import doctor_checks
from piste.engine.converge.errors import Misused
from piste.engine.kind import ACCOUNT
from piste.papers.dossier.document import make
from piste.papers.dossier.forms import as_page
from piste.readings import store
from piste.readings.accounts import arrival as arriving
from piste.readings.accounts.arrival import arrival
from piste.readings.accounts.document import ARRIVAL, Arrived
from piste.readings.accounts.judgment import System, of_system
from piste.readings.belief import Reading
from piste.readings.table import SUBJECTS
from piste.runs.plans import form, keys, saved
from piste.runs.plans.play import Played, Trouble
from piste.sites.dossiers import origin
from piste.town import declared
from piste.town.model import Town
from piste.town.model.dates import now
from tests.support.accounts import live
from tests.unit.plans.plans import operation
from tests.unit.readings.test_accounts import AT, HOSTILE, account

WHO = "A. Martin"
DECLARED = [
    account("martin@ville", "nominative", "meraki", persons=[WHO]),
    account("martin", "nominative", "smc", "glpi", "nexus", "srv-1", "zabbix", persons=[WHO]),
    account("astreinte", "third_party", "meraki", rights="some", holder="titulaire", until="2027-01-01"),
    account("parti", "third_party", "meraki", holder="ancien", until="2020-01-01"),
]


@pytest.fixture
def small(town: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Town:
    monkeypatch.setenv("PISTE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PISTE_PLANS_DIR", str(tmp_path / "plans"))
    monkeypatch.setenv("PISTE_OPERATOR", "Claire Diallo")
    monkeypatch.setattr(saved, "commit", lambda: ("c0ffee", True))
    monkeypatch.setattr(saved, "declaration_digest", lambda environment: "d")
    monkeypatch.setattr(keys, "seal", lambda *_: "0" * 64)
    assert town.commune
    made = replace(town, commune={**town.commune, "accounts": DECLARED})
    monkeypatch.setattr(declared, "town", lambda environment: made)
    return made


def every(town: Town) -> list[System]:
    kinds = {"smc": "smc", "glpi": "glpi", "zabbix": "zabbix", "nx-1": "nexus", "srv-1": "server", "meraki": "meraki"}
    seen: dict[str, list[Any]] = {
        "smc": [live("martin", active=False)], "zabbix": [live("martin", reads=True)],
        "glpi": [live("martin", whole=True)],
    }  # fmt: skip
    return [of_system(town, name, kind, Reading(seen.get(name, []), AT)) for name, kind in kinds.items()]


def test_what_is_shut_or_invited_is_asked_of_its_system_and_the_rest_is_done_by_hand(small: Town) -> None:
    coming = arrival(small, "a. martin", every(small))
    assert coming.given == {
        "smc_administrators": [{"name": "martin", "signs_in": True}],
        "meraki_administrators": [
            {"name": "martin@ville", "signs_in": True, "roles": ["full"], "grants": {"name": WHO, "orgAccess": "full"}}
        ],
    }
    assert [line.partition(" : ")[0] for line in coming.hand] == [
        "Zabbix, martin", "nx-1 (Nexus)", "srv-1 (serveurs Windows)"
    ]  # fmt: skip
    assert "il a lecture, la déclaration dit tous les droits" in coming.hand[0]
    assert "username COMPTE role" in coming.hand[1]


def test_an_account_that_would_come_back_with_more_than_is_declared_is_left_to_a_person(small: Town) -> None:
    shut = of_system(small, "meraki", "meraki", Reading([live("astreinte", active=False, whole=True)], AT))
    coming = arrival(small, "astreinte", [shut])
    assert coming.given == {}
    assert "il a tous les droits, la déclaration dit une partie" in coming.hand[0]


def test_rights_on_some_networks_are_given_by_hand_and_a_reader_is_invited_to_read(small: Town) -> None:
    (asked,) = arrival(small, "titulaire", every(small)).given["meraki_administrators"]
    assert asked == {"name": "astreinte", "signs_in": True}
    readers = [account("audit@cabinet", "nominative", "meraki", rights="read", persons=["Z. Audit"])]
    assert small.commune
    town = replace(small, commune={**small.commune, "accounts": readers})
    (asked,) = arrival(town, "Z. Audit", every(town)).given["meraki_administrators"]
    assert asked["grants"] == {"name": "Z. Audit", "orgAccess": "read-only"}


@pytest.mark.parametrize("who", ["personne", "*", HOSTILE, "", "{{ x }}"])
def test_whom_the_declaration_does_not_name_is_given_nothing(small: Town, who: str) -> None:
    with pytest.raises(Misused, match="aucun compte dans la déclaration"):
        arrival(small, who, every(small))


def test_an_account_past_its_end_is_given_to_nobody(small: Town) -> None:
    with pytest.raises(Misused, match="la fin de parti est passée"):
        arrival(small, "ancien", every(small))


def run(monkeypatch: pytest.MonkeyPatch, played: Played, *words: str) -> Result:
    monkeypatch.setattr("piste.runs.plans.progress.watched", lambda order, *, check, **more: played)
    return CliRunner().invoke(main, ["accounts", *words])


def withdrawn(**about: Any) -> dict[str, Any]:
    return {**operation("martin", kind=ACCOUNT, owner="commune"), "system": "smc", **about}


def test_an_arrival_is_a_saved_plan_with_what_stays_by_hand(
    small: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piste.readings.accounts.judgment.judged", lambda town, environment: every(small))
    played = Played(operations=[withdrawn()], withheld=["commune : meraki : martin@ville n’y est pas, à la main"])
    result = run(monkeypatch, played, "arrive", WHO, "--dry-run", "--out", str(tmp_path))
    assert result.exit_code == 2, result.output
    (path,) = (tmp_path / "plans").glob("*Z-*.json")
    kept = json.loads(path.read_text("utf-8"))
    assert form.faults(kept) == []
    assert {*kept["undo"]["commune"]["returned"]} == {"smc_administrators", "meraki_administrators"}
    assert "☐ meraki : martin@ville n’y est pas, à la main" in result.output
    assert f"piste apply {kept['id']}" in result.output
    assert not [*tmp_path.glob("comptes/*")]


def test_nothing_lacking_is_nothing_to_do(small: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "arrival", lambda *_: arriving.Arrival({}, []))
    result = run(monkeypatch, Played(), "arrive", WHO)
    assert (result.exit_code, "Rien à donner" in result.output) == (0, True)


def test_a_withdrawal_is_a_saved_plan_though_a_system_is_silent(
    small: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [Trouble("commune", "Relever les comptes de l’annuaire", "unknown", "muet")]
    played = Played(operations=[withdrawn()], troubles=silent)
    result = run(monkeypatch, played, "withdraw", WHO, "--dry-run")
    assert result.exit_code == 2, result.output
    (path,) = (tmp_path / "plans").glob("*Z-*.json")
    kept = json.loads(path.read_text("utf-8"))
    assert form.faults(kept) == []
    assert kept["extra"]["leaver"] == [WHO]
    assert kept["extra"]["outgoing"] == ["martin@ville", "martin"]
    saved.refuse_moved(kept, played)
    with pytest.raises(saved.StalePlan):
        saved.refuse_moved(kept, Played(troubles=silent))
    for name in ("leaver", "outgoing"):
        silent_plan, hostile = ({**kept, "extra": {**kept["extra"], name: given}} for given in ([], ["{{ x }}"]))
        assert form.faults(silent_plan) == [f"extra.{name} : un retrait dit qui part"]
        assert form.faults(hostile)


def test_a_withdrawal_with_a_group_of_the_directory_is_applied_on_every_system(
    small: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = {**operation("GV-Agents", owner="commune"), "system": "ad", "kind": "group"}
    result = run(monkeypatch, Played(operations=[withdrawn(), group]), "withdraw", WHO, "--dry-run")
    assert result.exit_code == 2, result.output
    (kept,) = saved.known()
    order = saved.narrowed(saved.read(kept))
    assert (order.limit, order.tags) == ("commune", "")


def test_a_withdrawal_that_nobody_would_sign_is_refused_before_it_is_applied(
    small: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(environment: str) -> str:
        raise Misused("personne ne signerait")

    run(monkeypatch, Played(operations=[withdrawn()]), "withdraw", WHO, "--dry-run")
    monkeypatch.setattr("piste.runs.records.operator.operator", nobody)
    ran: list[Any] = []
    monkeypatch.setattr("piste.runs.plans.progress.watched", lambda order, **_: ran.append(order))
    result = CliRunner().invoke(main, ["apply", saved.known()[0], "--yes"])
    assert (ran, "personne ne signerait" in f"{result.exception}{result.output}") == ([], True)


def test_the_paper_of_an_arrival_asks_for_signatures_and_takes_no_markup(small: Town) -> None:
    subject = Arrived(HOSTILE, AT.isoformat(), "Claire Diallo", small.name, ["smc : martin"], [HOSTILE])
    made = make(ARRIVAL, subject, origin(small, "lab"))
    assert json.loads(made.data)["content"]["by_hand"] == [HOSTILE]
    assert "<script>" not in as_page(made)
    assert any(block.kind == "signatures" for section in made.sections for block in section.blocks)


def test_the_doctor_says_f19_and_nothing_of_a_laboratory_that_was_never_read(small: Town) -> None:
    assert [*doctor_checks.accounts(small, "lab")] == []
    store.keep(SUBJECTS["accounts"], "production", {"meraki": Reading([live("martin@ville", whole=True)], now())})
    lines = {line.id: line for line in doctor_checks.accounts(small, "production")}
    assert {*lines} == {"accounts", "directory"}
    assert "1 compte" in lines["accounts"].what
