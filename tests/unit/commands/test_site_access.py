"""State of a site's 802.1X when a run begins: exceptions that are over, proofs that lack."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from piste.site import MODULES
from piste.town import InvalidDeclaration
from piste.transport.shared import VARIABLE

ROOT = Path(__file__).parents[3]
CCAS = "inventories/town/host_vars/ccas.yml"


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "group_vars", tmp_path / "group_vars")
    shutil.copytree(ROOT / "inventories/town", tmp_path / "inventories/town", symlinks=True)
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


def test_a_site_with_nothing_over_says_nothing(town: Path) -> None:
    assert "withheld" not in begin(town, "cimetiere")


def test_what_is_imposed_without_a_proof_in_this_environment_stops_the_run_before_any_request(town: Path) -> None:
    edit(town, "dot1x: {state: pilot", 'dot1x: {state: enforced, since: "2026-12-01"')
    with pytest.raises(InvalidDeclaration) as refused:
        begin(town, eap_tests=str(town / "eap_tests"))
    assert "PISTE-M069 ccas" in str(refused.value)


def test_without_an_environment_no_proof_is_asked(town: Path) -> None:
    edit(town, "dot1x: {state: pilot", 'dot1x: {state: enforced, since: "2026-12-01"')
    assert begin(town)["ansible_facts"]["piste_site"]["dot1x"] == "enforced"
