"""Administrators who leave: listed, removed where asked, never the last with all rights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Conflict, Guarded, Rejected
from piste.runs.plans.undo import inverse, outcome
from piste.systems.administrators import KEPT, Accounts, Administrator, answer, compare, withdraw
from piste.systems.meraki.administrators import _administrator

TOWN = Administrator(("dsi@ville.example", "DSI"), True, "1")
READER = Administrator(("lecture@ville.example", "Lecture"), False, "2")
LEAVING = Administrator(("exploitation@Prestataire.example", "Exploitation"), True, "3")


class System:
    def __init__(self, *accounts: Administrator) -> None:
        self.accounts, self.deleted = list(accounts), list[str]()

    def delete(self, administrator: Administrator) -> None:
        self.deleted.append(administrator.place)
        self.accounts.remove(administrator)

    def run(self, *outgoing: str, remove: bool = False, check: bool = False) -> dict[str, Any]:
        params = {"outgoing": list(outgoing), "remove": remove}
        return withdraw("meraki", Accounts(lambda: list(self.accounts), self.delete), params, check)


def test_they_are_only_listed_where_nobody_asks_for_more() -> None:
    system = System(TOWN, LEAVING)
    result = system.run("*@prestataire.example")
    assert system.deleted == []
    assert not result["changed"]
    assert [(administrator["name"], administrator["outgoing"]) for administrator in result["administrators"]] == [
        ("dsi@ville.example", False),
        ("exploitation@Prestataire.example", True),
    ]
    assert result["findings"][0]["state"] == "wrong"


def test_they_are_removed_and_counted_again() -> None:
    system = System(TOWN, LEAVING)
    result = system.run("*@prestataire.example", remove=True)
    assert (system.deleted, result["removed"]) == (["3"], ["exploitation@Prestataire.example"])
    assert result["findings"][0]["state"] == "ok"
    again = system.run("*@prestataire.example", remove=True)
    assert (again["changed"], again["removed"]) == (False, [])


def test_an_account_whose_person_has_never_signed_in_is_not_in_charge() -> None:
    system = System(replace(TOWN, awaited=True), LEAVING)
    with pytest.raises(Guarded, match="ne laisserait personne"):
        system.run("*@prestataire.example", remove=True)
    assert system.deleted == []


@pytest.mark.parametrize(("status", "awaited"), [("ok", False), ("pending", True), ("locked", True)])
def test_the_dashboard_says_whose_invitation_is_not_answered(status: str, awaited: bool) -> None:
    given = {"id": "1", "email": "a@b.example", "name": "A", "orgAccess": "full", "accountStatus": status}
    assert _administrator(given).awaited is awaited


def test_a_check_says_what_would_be_done_and_removes_nobody() -> None:
    system = System(TOWN, LEAVING)
    assert system.run("*prestataire*", remove=True, check=True)["changed"]
    assert system.deleted == []


@pytest.mark.parametrize("others", [(), (READER,)])
def test_the_last_one_who_can_do_everything_stays(others: tuple[Administrator, ...]) -> None:
    system = System(LEAVING, *others)
    with pytest.raises(Guarded, match="ne laisserait personne de la Ville"):
        system.run("*prestataire*", remove=True)
    assert system.deleted == []


def test_an_administrator_who_cannot_be_removed_stops_nobody_and_is_named_with_the_reason() -> None:
    other = Administrator(("astreinte@prestataire.example",), False, "4")
    system = System(TOWN, LEAVING, other)

    def delete(administrator: Administrator) -> None:
        if administrator is LEAVING:
            raise Rejected("droit manquant : écrire", where="ad")
        system.delete(administrator)

    params = {"outgoing": ["*prestataire*"], "remove": True}
    result = withdraw("ad", Accounts(lambda: list(system.accounts), delete), params, False)
    assert result["removed"] == ["astreinte@prestataire.example"]
    (finding,) = result["findings"]
    assert finding["state"] == "wrong"
    assert "1 administrateur sortant, exploitation@Prestataire.example (" in finding["what"]
    assert "droit manquant : écrire" in finding["what"]


def test_a_system_that_keeps_one_who_was_removed_is_not_believed() -> None:
    system = System(TOWN, LEAVING)
    keeps = Accounts(lambda: system.accounts, lambda administrator: None)
    result = withdraw("smc", keeps, {"outgoing": ["*prest*"], "remove": True}, False)
    assert result["findings"][0]["state"] == "wrong"


@pytest.mark.parametrize("patterns", [["DSI@ville.example"], ["*@ville.example"], ["autre", "dsi*"]])
def test_an_account_is_declared_by_what_it_signs_in_with_whatever_the_case(patterns: list[str]) -> None:
    assert compare("meraki", lambda: [TOWN], patterns)["orphans"] == []


@pytest.mark.parametrize("pattern", ["DSI", "???@ville.example", "[d]si@ville.example", "dsi@ville.exampl", "dsi"])
def test_neither_the_name_that_it_shows_nor_a_sign_other_than_the_star_declares_it(pattern: str) -> None:
    (orphan,) = compare("meraki", lambda: [TOWN], [pattern])["orphans"]
    assert orphan["key"] == "meraki/dsi@ville.example"
    assert compare("meraki", lambda: [LEAVING], ["dsi*"])["warnings"] == [
        "administrator meraki/exploitation@Prestataire.example : administre tout, personne ne le déclare"
    ]


def test_a_program_that_can_do_everything_is_nobody_in_charge() -> None:
    system = System(Administrator(("script",), True, "9", person=False), LEAVING)
    with pytest.raises(Guarded, match="ne laisserait personne de la Ville"):
        system.run("*prestataire*", remove=True)


def test_an_account_that_a_program_signs_in_with_stays_and_is_named() -> None:
    program = Administrator(("svc-piste", "Piste"), True, "5", person=False)
    backups = Administrator(("svc-sauvegarde",), False, "6", person=False)
    system = System(TOWN, program, backups, LEAVING)
    params = {"outgoing": ["svc-*", "*prestataire*"], "remove": True, "kept": ["SVC-SAUVEGARDE"]}
    connection = {"smc": {"username": "Svc-Piste"}}
    result = withdraw("smc", Accounts(lambda: list(system.accounts), system.delete), {**params, **connection}, False)
    assert (result["removed"], system.deleted) == (["exploitation@Prestataire.example"], ["3"])
    (finding,) = result["findings"]
    assert (finding["state"], finding["what"].count(KEPT)) == ("wrong", 2)


def test_what_is_withdrawn_is_an_operation_of_the_record_and_a_second_time_is_none() -> None:
    system = System(TOWN, LEAVING)
    foreseen = system.run("*prestataire*", remove=True, check=True)["operations"]
    done = system.run("*prestataire*", remove=True)["operations"]
    assert done == foreseen
    assert [(entry["kind"], entry["key"], entry["action"]) for entry in done] == [
        ("administrator", "exploitation@Prestataire.example", "update")
    ]
    assert system.run("*prestataire*", remove=True)["operations"] == []


@pytest.mark.parametrize(("town", "stays"), [(["DSI@ville.example"], True), (["autre"], False), ([], False)])
def test_the_last_of_the_town_stays_though_a_third_party_has_full_rights(town: list[str], stays: bool) -> None:
    system = System(TOWN, LEAVING)
    params = {"outgoing": ["dsi@ville.example"], "remove": True, "town": town}
    if stays:
        with pytest.raises(Guarded, match="ne laisserait personne de la Ville"):
            withdraw("meraki", Accounts(lambda: list(system.accounts), system.delete), params, False)
    else:
        withdraw("meraki", Accounts(lambda: list(system.accounts), system.delete), params, False)
    assert system.deleted == ([] if stays else ["1"])


def test_who_has_no_full_rights_leaves_a_system_where_nobody_known_has_them() -> None:
    system = System(READER, Administrator(("admin",), None, "9"))
    assert system.run("lecture@*", remove=True)["removed"] == ["lecture@ville.example"]


@pytest.mark.parametrize("option", ["username", "login"])
@pytest.mark.parametrize("own", ["svc-piste@ad.ville.example", "VILLE\\svc-piste", "svc-piste"])
def test_the_account_of_the_task_stays_however_it_signs_in(own: str, option: str) -> None:
    system = System(TOWN, Administrator(("AUTRE\\svc-piste", "svc-piste"), True, "5"))
    params = {"outgoing": ["svc-*"], "remove": True, "system": {option: own}}
    assert withdraw("srv", Accounts(lambda: list(system.accounts), system.delete), params, False)["removed"] == []


class Shut:
    """A system whose accounts stay, shut."""

    name, makes = "smc", False

    def __init__(self, *accounts: Administrator) -> None:
        self.accounts = {account.place: account for account in accounts}
        self.written: list[str] = []

    def turn(self, account: Administrator, on: bool) -> None:
        self.written.append(account.place)
        self.accounts[account.place] = replace(self.accounts[account.place], active=on)

    @property
    def known(self) -> Accounts:
        return Accounts(
            lambda: [*self.accounts.values()], lambda account: self.turn(account, False),
            lambda account: self.turn(account, True),
        )  # fmt: skip

    def run(self, check: bool = False, **params: Any) -> dict[str, Any]:
        return answer(self.name, self.known, {"outgoing": [], **params}, check)


class Gone(Shut):
    """A system that removes an account, and makes it again from its grants."""

    name = "meraki"

    @property
    def known(self) -> Accounts:
        def make(name: str, grants: Mapping[str, Any]) -> None:
            self.written.append(name)
            self.accounts["9"] = Administrator((name,), True, "9", grants=grants)

        def remove(account: Administrator) -> None:
            self.written.append(self.accounts.pop(account.place).place)

        return Accounts(lambda: [*self.accounts.values()], remove, make=make)


GRANTED = replace(LEAVING, grants={"orgAccess": "full"}, roles=("full",))


@pytest.mark.parametrize("system", [Shut(TOWN, GRANTED), Gone(TOWN, GRANTED)], ids=["shut", "gone"])
def test_an_undo_gives_back_the_account_with_its_rights_once_and_its_own_undo_takes_it(system: Shut) -> None:
    leave: dict[str, Any] = {"outgoing": ["*prestataire*"], "remove": True}
    done = system.run(**leave)["operations"]
    tasks, lost = inverse(done)
    ((module, part),) = tasks["commune"]["returned"].items()
    assert module == f"{system.name}_administrators"
    assert bool(lost) is isinstance(system, Gone)
    assert all("invite de nouveau (droits : full)" in line for line in lost)
    foreseen = system.run(check=True, accounts=part["config"])
    assert len(system.written) == 1
    given = system.run(accounts=part["config"])
    assert given["operations"] == foreseen["operations"] != []
    assert given["findings"][0]["state"] == "ok"
    back = next(account for account in system.accounts.values() if account.names[0] == LEAVING.names[0])
    assert (back.active, dict(back.grants)) == (True, {"orgAccess": "full"})
    again = system.run(accounts=part["config"])
    assert (again["changed"], again["operations"], len(system.written)) == (False, [], 2)
    taken, _ = inverse(given["operations"])
    system.run(accounts=taken["commune"]["returned"][module]["config"])
    assert not any(account.active for account in system.accounts.values() if account.names[0] == LEAVING.names[0])
    settled = outcome(done)["commune"]["returned"][module]["config"]
    assert system.run(check=True, accounts=settled)["operations"] == []


def test_what_a_system_does_not_make_is_said_and_the_last_of_the_town_stays() -> None:
    system = Shut(TOWN)
    result = system.run(accounts=[{"name": "nouveau", "signs_in": True}])
    assert (result["changed"], result["findings"][0]["state"]) == (False, "ok")
    assert result["withheld"] == ["smc : nouveau n’y est pas, et Piste ne l’y crée pas : à la main"]
    with pytest.raises(Guarded, match="ne laisserait personne"):
        system.run(accounts=[{"name": TOWN.names[0], "signs_in": False}], town=[TOWN.names[0]])
    assert system.written == []


@pytest.mark.parametrize("leaves", [True, False])
def test_nothing_is_written_beyond_the_saved_plan(leaves: bool, tmp_path: Path) -> None:
    system = Shut(TOWN, LEAVING, replace(READER, names=("astreinte@prestataire.example",)))
    names = (LEAVING.names[0], "astreinte@prestataire.example")
    shut = {"accounts": [{"name": name, "signs_in": False} for name in names]}
    asked = {"outgoing": ["*prestataire*"], "remove": True} if leaves else shut
    every = system.run(check=True, **asked)["operations"]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"operations": every[:1]}))
    with pytest.raises(Conflict, match="ne prévoit pas"):
        system.run(plan=str(plan), **asked)
    assert system.written == []
    plan.write_text(json.dumps({"operations": every}))
    assert len(system.run(plan=str(plan), **asked)["operations"]) == 2


def test_a_refusal_of_the_system_is_said_and_stops_no_other_account() -> None:
    other = replace(READER, names=("astreinte",), active=False)
    system = Shut(replace(LEAVING, active=False), other)

    def refuse(account: Administrator) -> None:
        if account.place == LEAVING.place:
            raise Rejected("droit manquant", where="smc")
        system.turn(account, True)

    wanted = [{"name": name, "signs_in": True} for name in (LEAVING.names[0], "astreinte")]
    result = answer("smc", system.known._replace(open=refuse), {"accounts": wanted}, False)
    (finding,) = result["findings"]
    assert (finding["state"], len(result["operations"]), system.written) == ("wrong", 1, [READER.place])
    assert "droit manquant" in finding["what"]


def test_what_a_program_or_an_emergency_signs_in_with_is_not_shut_by_an_undo() -> None:
    program = replace(READER, names=("svc-piste",), place="5")
    system = Shut(TOWN, program, replace(TOWN, names=("secours",), place="6"))
    wanted = [{"name": name, "signs_in": False} for name in ("svc-piste", "secours")]
    result = system.run(accounts=wanted, kept=["Secours"], smc={"username": "svc-piste"})
    assert (system.written, result["changed"]) == ([], False)
    assert result["withheld"] == [f"smc : svc-piste, {KEPT}", f"smc : secours, {KEPT}"]


def test_who_is_shut_already_is_not_in_charge() -> None:
    system = Shut(replace(TOWN, active=False), LEAVING)
    with pytest.raises(Guarded, match="ne laisserait personne"):
        system.run(accounts=[{"name": LEAVING.names[0], "signs_in": False}])
    assert system.written == []
