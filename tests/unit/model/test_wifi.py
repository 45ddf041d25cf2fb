"""Terms of use and crowds: what an SSID becomes at a site, on a day."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from piste.systems.meraki.intent import meraki_intent
from piste.town.model import Site, Town
from tests.unit.model.broken_town import ALL, Case, Copy, check
from tests.unit.model.test_access import crowd

LINE = '{profile: affluence, from: "2026-12-05", until: "2026-12-06", why: Gala}'


def guests(site: Site) -> dict[str, Any]:
    (config,) = (ssid for ssid in meraki_intent(site)["ssids"] if ssid["name"] == "VLB-Invites")
    return dict(config)


def test_a_portal_shows_the_whole_text_and_its_version(town: Town) -> None:
    consent = guests(town.sites["piscine"])["splash"]["user_consent"]
    lines = consent["message"].splitlines()
    assert consent["required"] is True
    assert lines[0].startswith("Conditions générales d’utilisation du Wi-Fi public, version 1.0 du 01/12/2026 (")
    assert [line.partition(" ")[0] for line in lines[1:]] == ["1.", "2.", "3.", "4.", "5."]


def test_another_version_changes_the_plan_of_every_site_that_shows_it(whole: Copy, town: Town) -> None:
    terms = whole.root / ALL / "terms.yml"
    terms.write_text(terms.read_text("utf-8").replace('version: "1.0"', 'version: "1.1"', 1), "utf-8")
    (fault,) = whole.load().faults
    (line,) = re.findall(r'inscrivez ("1.1": "[0-9a-f]{12}")', fault.message)
    whole.edit(ALL + "terms.yml", '{"1.0": "439fe6ee0d30"}', '{"1.0": "439fe6ee0d30", ' + line + "}")
    after = whole.load().require()
    changed = {name for name, site in after.sites.items() if site["ssids"] != town.sites[name]["ssids"]}
    shown = {name for name, site in town.sites.items() if any(ssid["terms"] == "wifi-public" for ssid in site["ssids"])}
    assert changed == shown != set()
    assert "version 1.1 du" in guests(after.sites["piscine"])["splash"]["user_consent"]["message"]


TERMS = [
    Case(
        "a text that changes under its version",
        [(ALL + "terms.yml", "gratuit et sans garantie", "payant et sans garantie")],
        [("M075", "terms_of_use[wifi-public].editions", ALL + "terms.yml", 'editions: {"1.0": "439fe6ee0d30"}')],
    ),
]


@pytest.mark.parametrize("case", TERMS, ids=lambda case: case.name)
def test_terms_that_are_not_right_are_refused(copy: Copy, case: Case) -> None:
    check(copy, case)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gratuit et sans garantie", "payant et sans garantie"),
        ('date: "2026-12-01"\n    owner: Direction des systèmes d’information\n',
         'date: "2027-01-04"\n    owner: Direction des systèmes d’information\n'),
    ],
)  # fmt: skip
def test_a_text_that_changes_under_its_version_is_a_fault_that_offers_no_way_around(
    copy: Copy, old: str, new: str
) -> None:
    copy.edit(ALL + "terms.yml", old, new)
    (fault,) = copy.load().faults
    assert (fault.rule, fault.path) == ("PISTE-M075", "terms_of_use[wifi-public].editions")
    assert "la version 1.0, sites compris, n’est plus celle de son empreinte" in fault.message
    assert "inscrivez" not in fault.message


@pytest.mark.parametrize(
    ("old", "new"),
    [("categories: [Adult Material, ", "categories: ["), ("    web:\n", "    web:\n      allowed: {sites: [a.fr]}\n")],
)
def test_other_sites_under_the_same_version_are_a_fault(copy: Copy, old: str, new: str) -> None:
    copy.edit(ALL + "terms.yml", old, new)
    (fault,) = copy.load().faults
    assert (fault.rule, fault.path) == ("PISTE-M075", "terms_of_use[wifi-pedagogique].editions")


@pytest.mark.parametrize(("day", "down"), [(4, 5000), (5, 1500), (6, 1500), (7, 5000)])
def test_a_crowd_has_its_days_and_gives_back(whole: Copy, day: int, down: int) -> None:
    whole.edit(*crowd("piscine", LINE))
    site = whole.load(today=date(2026, 12, day)).require().sites["piscine"]
    config = guests(site)
    assert config["per_client_bandwidth_limit_down"] == down
    assert config["per_ssid_bandwidth_limit_down"] == (60000 if down == 1500 else 0)
    assert [entry["why"] for entry in site["crowds"]] == ["Gala"]


@pytest.mark.parametrize(("day", "ports"), [(4, []), (5, ["443"])])
def test_rules_of_bandwidth_are_given_back_too(whole: Copy, day: int, ports: list[str]) -> None:
    whole.edit(*crowd("piscine", LINE))
    path = whole.root / ALL / "ssids.yml"
    text = path.read_text("utf-8").replace("    purpose: Visiteurs\n", "    purpose: Visiteurs\n    shaping: []\n", 1)
    rule = "{ports: [443], networks: [10.0.0.0/8], client_up_kbps: 100, client_down_kbps: 200, dscp: 8}"
    text = text.replace("      VLB-Invites: {", "      VLB-Invites: {shaping: [" + rule + "], ", 1)
    path.write_text(text, "utf-8")
    shaping = guests(whole.load(today=date(2026, 12, day)).require().sites["piscine"])["traffic_shaping"]
    assert shaping["default_rules_enabled"] is True
    assert [d["value"] for rule in shaping["rules"] for d in rule["definitions"] if d["type"] == "port"] == ports


def test_an_ssid_without_rules_of_bandwidth_keeps_its_own(town: Town) -> None:
    assert "traffic_shaping" not in guests(town.sites["piscine"])
