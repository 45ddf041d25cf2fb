"""Operations that wait for a word, and what is withheld beside them, among consequences."""

from __future__ import annotations

from typing import Any

import pytest

from piste.commands.consequences import say_consequences
from piste.sites.consequences import flows, said
from piste.sites.consequences.computed import of
from piste.sites.consequences.reach import Reach
from tests.unit.consequences.changes import SCHOOL, changed, plan, town

ROOM = "QZZZ-0005-0002/2"


def test_what_is_withheld_is_not_nothing() -> None:
    made = plan(changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(name="x")))
    made["withheld"] = [f"{SCHOOL} : switch_port sw-jau-02/3 : attend un mot (uplink)"]
    assert not of(made, town()).nothing
    waits = f"? en attente, pas dans le calcul : {made['withheld'][0]}"
    assert waits in said.ending(of(made, town()), lambda owner: "")


def test_what_is_withheld_of_others_is_not_in_the_way() -> None:
    made = plan(changed("meraki_switch_ports", SCHOOL, ROOM, lambda port: port.update(name="x")))
    made["withheld"] = ["ccas : adresses MAC à confirmer, réservations pas écrites : imp-ccas-01"]
    assert of(made, town()).nothing


def test_what_waits_for_a_word_is_said_as_it_would_be_with_it() -> None:
    tree = changed("meraki_network_settings", SCHOOL, "", lambda net: net["stp"].update(rstp_enabled=False))
    made = plan({**tree, "waiting": "attend stp:VLB ecole-jaures", "words": ["stp:VLB ecole-jaures"]})
    made["withheld"] = [f"{SCHOOL} : à confirmer (stp:VLB ecole-jaures) : changer l’arbre interrompt le réseau"]
    result = of(made, town())
    assert (result.lines, result.unread) == ([], [])
    assert [line.sentence() for line in result.withheld] == [line.sentence() for line in of(plan(tree), town()).lines]
    (text,) = [text for _, text in said.lines(result, made, lambda owner: "", whole=False) if "retenu" in text]
    assert text.startswith("  = retenu, ce plan ne le fait pas ; avec son mot : tout le réseau de ecole-jaures : ")
    assert "retenu, ce plan" in said.markdown(result, made, lambda owner: "")
    assert said.data(result, made, lambda owner: "")["withheld"][0]["gravity"] == "outage"


def test_what_waits_is_printed_where_nothing_else_is_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    tree = changed("meraki_network_settings", SCHOOL, "", lambda net: net["stp"].update(rstp_enabled=False))
    say_consequences(plan({**tree, "waiting": "attend stp:VLB ecole-jaures"}))
    assert "avec son mot : tout le réseau de ecole-jaures" in capsys.readouterr().out
    say_consequences(plan({**tree, "waiting": "laissé de côté"}))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("module", "key", "change", "sides"), [
    ("meraki_ssids", "VLB-Agents", {"default_vlan_id": 155}, ["before", "after", "after"]),
    ("meraki_ssids", "VLB-Agents", {"visible": False}, ["before", "after", "after"]),
    ("ad_groups", "", {"description": "x"}, ["before", "after"]),
])  # fmt: skip
def test_what_waits_shares_what_was_there(
    module: str, key: str, change: dict[str, Any], sides: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    section = f"fw_policy/section:Site {SCHOOL}/VLB"
    rule = changed("smc_policies", SCHOOL, section, lambda policy: policy["ipv4_access"].pop(0))
    owner = SCHOOL if module == "meraki_ssids" else "commune"
    other = changed(module, owner, key, lambda known: known.update(change))
    made: list[str] = []
    monkeypatch.setattr(flows, "Reach", lambda *given: made.append(given[2]) or Reach(*given))
    result = of(plan(rule, {**other, "waiting": "attend un mot"}), town())
    assert made == sides
    alone = of(plan(rule), town())
    assert [line.sentence() for line in result.lines] == [line.sentence() for line in alone.lines]
    whole = of(plan(rule, other), town())
    expected = [line.sentence() for line in whole.lines if 1 in line.operations]
    assert [line.sentence() for line in result.withheld] == expected
