"""State of a site when a run begins: exceptions, addresses to confirm, proofs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport.shared import VARIABLE
from piste.systems.windows.dhcp.intent import addressing_intent
from piste.systems.windows.nps.intent import nps_intent
from piste.town.derived import derived
from piste.town.site import MODULES
from piste.town.town import InvalidDeclaration
from tests.support.checkouts import few

ROOT = Path(__file__).parents[3]
CCAS = "inventories/town/host_vars/ccas.yml"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    few(tmp_path)
    (tmp_path / "run").mkdir()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "run"))
    return tmp_path


def begin(town: Path, site: str = "ccas", **given: Any) -> dict[str, Any]:
    inventory = str(town / "inventories/town")
    return MODULES["piste_site"].run({"site": site, "inventory": inventory, "whole": True, **given}, True)


def edit(town: Path, old: str, new: str) -> None:
    path = town / CCAS
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_an_exception_that_is_over_is_said_at_each_plan_and_given_as_over(town: Path) -> None:
    edit(town, 'until: "2099-12-31"', 'until: "2026-01-31"')
    result = begin(town)
    sentence = (
        "exception échue le 2026-01-31 : Imprimante du guichet (02:93:01:00:00:60), équipement qui n’est plus admis"
    )
    assert result["withheld"] == result["warnings"] == [sentence]
    over = [item["expired"] for item in result["ansible_facts"]["piste_site"]["access"]["exceptions"]]
    assert over[0] is True


def test_addresses_of_devices_to_confirm_are_given_to_no_server_and_said_at_each_plan(town: Path) -> None:
    """The address of an example opens a port to whatever has it."""
    edit(town, 'until: "2099-12-31"', 'until: "2099-12-31"\n    status: to_confirm')
    reserved = "segments:\n  utilisateurs:\n    reservations:\n"
    printers = [f'      imp-ccas-0{rank}: {{host: 1{rank}, mac: "02:93:01:00:00:8{rank}"' for rank in (1, 2)]
    edit(town, "segments:\n", f"{reserved}{printers[0]}, status: to_confirm}}\n{printers[1]}}}\n")
    result = begin(town)
    assert result["withheld"] == [
        "exception à confirmer : Imprimante du guichet (02:93:01:00:00:60), équipement qui n’est pas encore admis",
        "adresses MAC à confirmer, réservations pas écrites : imp-ccas-01",
    ]
    site = result["ansible_facts"]["piste_site"]
    intent = addressing_intent(site)
    [scope] = [scope for scope in intent["scopes"] if scope["reservations"]]
    assert [entry["name"] for entry in scope["reservations"].values()] == ["imp-ccas-02"]
    # It is no orphan where an earlier run wrote it.
    assert intent["waiting"][scope["subnet"]] == ["10.93.9.11"]
    whole: Any = derived("commune")
    given = [policy["conditions"].get("calling_station", "") for policy in nps_intent(whole)["request_policies"]]
    assert sum(map(bool, given)) == 1


@pytest.mark.parametrize("site", ["ccas", "ctm"], ids=["exceptions that hold", "no exception"])
def test_a_site_with_nothing_over_says_nothing(site: str, town: Path) -> None:
    assert "withheld" not in begin(town, site)


def test_what_is_imposed_without_a_proof_in_this_environment_stops_the_run_before_any_request(town: Path) -> None:
    edit(town, "dot1x: {state: pilot", 'dot1x: {state: enforced, since: "2026-12-01"')
    with pytest.raises(InvalidDeclaration) as refused:
        begin(town, eap_tests=str(town / "eap_tests"))
    assert "PISTE-M069 ccas" in str(refused.value)


def test_without_an_environment_no_proof_is_asked(town: Path) -> None:
    edit(town, "dot1x: {state: pilot", 'dot1x: {state: enforced, since: "2026-12-01"')
    assert begin(town)["ansible_facts"]["piste_site"]["dot1x"] == "enforced"
