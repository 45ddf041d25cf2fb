"""Modules undo what a run did to the directory, in reverse order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from piste.runs.plans.undo import RESTORED, RETURNED, inverse
from tests.support.ad import Town
from tests.support.playbooks import REPOSITORY
from tests.support.samba import Domain

ORDER = ("ad_organizational_units", "ad_groups", "ad_wmi_filters", "ad_gpo_links")
OWN, OTHER = "Default Domain Policy", "Default Domain Controllers Policy"
FIRST: dict[str, list[dict[str, Any]]] = {
    "ad_organizational_units": [{"path": "Ville", "protected": True}, {"path": "Ville/Ecoles"}],
    "ad_groups": [
        {"name": "GG-A", "ou": "Ville", "members": {"Administrator": True}},
        {"name": "GG-B", "ou": "Ville/Ecoles", "mail": "b@lebourget.example"},
    ],
    "ad_wmi_filters": [{"name": "Portables", "queries": [{"query": "SELECT * FROM Win32_Battery"}]}],
    "ad_gpo_links": [{"target": "Ville", "links": {OWN: {}}}],
}
THEN: dict[str, list[dict[str, Any]]] = {
    "ad_organizational_units": [
        {"path": "Ville/Etablissements", "formerly": ["Ville/Ecoles"], "description": "Renommée"},
        {"path": "Ville/Sport", "protected": True},
    ],
    "ad_groups": [
        {"name": "GG-A", "ou": "Ville/Sport", "members": {"Guest": True, "Administrator": None, "GG-C": True}},
        {"name": "GU-B", "formerly": ["GG-B"], "scope": "universal", "mail": None},
        {"name": "GG-C", "ou": "Ville/Sport"},
    ],
    "ad_wmi_filters": [
        {"name": "Portables", "description": "x", "queries": [{"query": "SELECT 2"}]},
        {"name": "Fixes", "queries": [{"query": "SELECT 3"}]},
    ],
    "ad_gpo_links": [
        {"target": "Ville", "block_inheritance": True, "order": [OTHER, OWN],
         "links": {OTHER: {}, OWN: {"enforced": True}}},
        {"target": "Ville/Sport", "links": {OWN: {"enabled": False}}},
    ],
}  # fmt: skip


def state(town: Town) -> str:
    live = {name: town.module(name, state="gathered")["gathered"] for name in ORDER}
    return json.dumps(live, ensure_ascii=False, sort_keys=True, indent=1)


def test_what_a_run_did_is_taken_back(domain: Domain, tmp_path: Path) -> None:
    town = Town(domain, tmp_path)
    for name in ORDER:
        town.module(name, FIRST[name])
    before = state(town)
    done = [
        operation for name in ORDER for operation in town.module(name, THEN[name], confirm=["privileged"])["operations"]
    ]
    assert state(town) != before
    tasks, lost = inverse(json.loads(json.dumps(done)))
    assert lost == []
    for phase, name in [(RESTORED, name) for name in ORDER] + [(RETURNED, name) for name in reversed(ORDER)]:
        asked = tasks["commune"][phase].get(name, {"config": [], "absent": []})
        confirm = ["protected", "members", "default_policy", "used", "privileged"]
        town.module(name, asked["config"], absent=asked["absent"], confirm=confirm)
    assert state(town) == before


def test_the_town_makes_again_before_its_sites_and_returns_after_them() -> None:
    plays = yaml.safe_load((REPOSITORY / "playbooks/undo.yml").read_text("utf-8"))
    parts = [(play["hosts"].rpartition("&")[2], play.get("vars", {}).get("undo_parts")) for play in plays[:-1]]
    assert parts == [("ville", ["restored"]), ("sites", None), ("ville", ["returned"])]
