"""The demands of the tender on a hand-over, and how full the inventory of a bag is."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piste.exports.bag.acceptance import ticked
from piste.exports.bag.contents import Contents
from piste.exports.bag.inventory import gaps
from piste.exports.bag.items import PLURALS, RECORDS
from piste.exports.bag.quality import completeness
from piste.town.model import Town
from tests.support.bags import SITE, small
from tests.support.breadth import breadth
from tests.support.town import declared_town


@pytest.mark.parametrize("verdict", ["kept", "broken", "nonsense", None, ["kept"]])
def test_a_demand_is_ticked_by_a_kept_clause_alone(verdict: Any, tmp_path: Path) -> None:
    for name in ("reversibility/plan.yml", "documents/commune/plan-reversibilite.pdf"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (tmp_path / "quality").mkdir()
    row = {"framework": "tender", "clause": "R130", "verdict": verdict, "evidence": "0,1\u00a0%\n  ✓ Coffre"}
    (tmp_path / "quality/conformity.json").write_text(json.dumps([row, 3]), "utf-8")
    plan = next(each for each in ticked(tmp_path) if each.asked.clauses == ["R130"])
    assert (plan.lacks == []) is (verdict == "kept")
    assert plan.line.isprintable()
    assert ("0,1 % ✓ Coffre" in plan.line) is (verdict != "kept")
    assert "u00A0" not in plan.line


def test_a_long_reason_ends_between_two_words_and_says_that_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "quality").mkdir()
    row = {"framework": "tender", "clause": "R130", "verdict": "broken", "evidence": "sauvegarde " * 60}
    (tmp_path / "quality/conformity.json").write_text(json.dumps([row]), "utf-8")
    plan = next(each for each in ticked(tmp_path) if each.asked.clauses == ["R130"])
    assert "sauvegarde […]" in plan.line


def test_a_bag_without_readable_clauses_ticks_nothing(tmp_path: Path) -> None:
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality/conformity.json").write_text("{", "utf-8")
    assert [each for each in ticked(tmp_path) if not each.lacks] == []


def figures(town: Town) -> dict[tuple[Any, Any], Any]:
    return {(row["class"], row["attribute"]): row for row in completeness(Contents(Path()), town)}


def confirmed(town: Town) -> Town:
    """Complete the inventory: true serial numbers, every cell filled, every status confirmed."""
    sites, commune = deepcopy(town.sites), deepcopy(town.commune)
    owners = [*sites.values(), *([commune] if commune else [])]
    for number, asset in enumerate(asset for owner in owners for asset in owner["assets"]):
        asset.update(serial=f"Q2AA-{number:04}-BCDE", status="validated", doubted=[])
        for name in ("assigned_to", "warranty_until", "end_of_life"):
            asset[name] = asset[name] or "2031-01-01"  # type: ignore[literal-required]
    return replace(town, sites=sites, commune=commune)


def test_the_inventory_of_examples_is_not_complete_at_all_and_says_why() -> None:
    rows = figures(declared_town())
    assert {name for name, _ in rows} == {*PLURALS, "*"}
    for (name, _), row in rows.items():
        assert row["denominator"] == row["numerator"] + row["to_confirm"] + row["placeholder"] + row["empty"]
        if name not in (*RECORDS, "*"):
            assert (row["numerator"], row["reached"]) == (0, False)
    whole = rows["*", "*"]
    assert whole["denominator"] == sum(rows[name, "*"]["denominator"] for name in PLURALS)
    serials = rows["*", "serial"]
    assert serials["placeholder"] == serials["denominator"]
    assert whole["denominator"] - whole["numerator"] == len(gaps(declared_town()))


def test_an_inventory_that_is_known_is_complete_and_the_whole_is_not_while_classes_are_absent() -> None:
    rows = figures(confirmed(declared_town()))
    of_assets = [row for (name, _), row in rows.items() if name not in (*RECORDS, "*") and row["denominator"]]
    assert min(row["percent"] for row in of_assets) == 100
    short = {name for (name, attribute), row in rows.items() if attribute == "*" and not row["reached"]}
    assert short == {"mobile", *RECORDS, "*"}
    without = figures(replace(confirmed(declared_town()), empty_classes=frozenset({"mobile"})))
    assert not any(name == "mobile" for name, _ in without)


@pytest.mark.parametrize("value", [None, " ", "QZZZ-0005-0001", "EX-med-ups-001", "–", "0000-0000-0000", "À confirmer"])
@pytest.mark.parametrize("attribute", breadth(["serial", "warranty_until", "end_of_life"], 3))
def test_an_attribute_that_a_device_lacks_lowers_its_class_and_the_whole(attribute: str, value: str | None) -> None:
    town = confirmed(replace(small(), sites={SITE: declared_town().sites[SITE]}))
    before = figures(town)
    site = deepcopy(town.sites[SITE])
    site["assets"][0][attribute] = value  # type: ignore[literal-required]
    after = figures(replace(town, sites={SITE: site}))
    for key in (("switch", attribute), ("switch", "*"), ("*", attribute), ("*", "*")):
        assert after[key]["numerator"] == before[key]["numerator"] - 1
        assert after[key]["denominator"] == before[key]["denominator"]
        lacking = [row[key]["empty"] + row[key]["placeholder"] for row in (before, after)]
        assert lacking[1] == lacking[0] + 1
    assert after["switch", attribute]["reached"] is False
    assert after["access_point", "*"] == before["access_point", "*"]


def test_a_date_of_a_model_that_is_to_confirm_is_not_filled() -> None:
    town = confirmed(replace(small(), sites={SITE: declared_town().sites[SITE]}))
    site = deepcopy(town.sites[SITE])
    for asset, declared in zip(site["assets"], small().sites[SITE]["assets"], strict=True):
        asset["doubted"] = declared["doubted"]
    rows = figures(replace(town, sites={SITE: site}))
    assert (rows["switch", "warranty_until"]["numerator"], rows["switch", "serial"]["percent"]) == (0, 100)


def test_what_left_the_inventory_is_not_counted() -> None:
    town = confirmed(small())
    site = deepcopy(town.sites[SITE])
    site["assets"][0].update(state="retired", serial=None)
    rows = figures(replace(town, sites={SITE: site}))
    assert (rows["switch", "serial"]["numerator"], rows["switch", "serial"]["denominator"]) == (2, 2)
