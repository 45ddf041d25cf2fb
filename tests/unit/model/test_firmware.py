"""Approved firmware, and the ports that must be up: what is derived, and the faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from piste.town.model.firmware import class_of
from tests.unit.model.broken_town import ALL, HDV, Case, Copy, check

LIST = ALL + "firmware.yml"
UPGRADES = ALL + "upgrades.yml"
UPGRADE = """---
upgrades:
  commutateurs:
    product: switch
    version: switch-17-1
    waves:
      - {{sites: [ccas], day: "2026-12-07", at: "21:00"}}
      - {{sites: {sites}, day: "{day}", at: "{at}"}}
"""
SIGNED = 'MS: {versions: [switch-17-1], approved: "2026-09-14"'

FIRMWARE = [
    Case(
        "a class that nothing has, a decision to come",
        [
            (LIST, '  MR: {versions: [wireless-31-1], approved: "2026-09-14"',
             '  MV: {versions: [wireless-31-1], approved: "2099-09-14"'),
        ],
        [
            ("M240", "firmware[MV]", LIST, "  MV:"),
            ("M241", "firmware[MV].approved", LIST, "  MV:"),
        ],
        ["« MV » n’est le début d’aucun modèle"],
    ),
    Case(
        "an upgrade that nobody signed, a site by a wrong name, a wave by day, another the same day",
        [
            (UPGRADES, "", UPGRADE.format(sites="[ecole-jaures, ecole-jores]", day="2026-12-07", at="14:00")),
        ],
        [
            *[("M242", "upgrades[commutateurs]", UPGRADES, "commutateurs:")] * 3,
            ("M243", "upgrades[commutateurs].waves[2]", UPGRADES, "ecole-jores"),
            ("M244", "upgrades[commutateurs].waves[2]", UPGRADES, "ecole-jores"),
            ("M244", "upgrades[commutateurs].waves[2]", UPGRADES, "ecole-jores"),
        ],
        ["switch-17-1 est proposée pour MS120-8 (MS), sans le jour et l’auteur de la décision",
         "site « ecole-jores » inconnu. Vouliez-vous dire « ecole-jaures » ?",
         "le 2026-12-07 à 14:00 est hors des fenêtres de changement de ecole-jaures"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", FIRMWARE, ids=lambda case: case.name)
def test_each_fault_is_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_waves_become_moments_and_the_pilots_of_each_site(copy: Copy) -> None:
    copy.edit(LIST, SIGNED, SIGNED + ', by: "A. Durand, DSI"')
    copy.edit(UPGRADES, "", UPGRADE.format(sites="[ecole-jaures, ctm]", day="2026-12-14", at="22:00"))
    sites = copy.load().require().sites
    planned = {"product": "switch", "version": "switch-17-1"}
    assert sites["ccas"]["upgrades"] == [{**planned, "time": "2026-12-07T20:00:00Z", "pilots": []}]
    assert sites["ctm"]["upgrades"] == [{**planned, "time": "2026-12-14T21:00:00Z", "pilots": ["VLB ccas"]}]
    assert sites["mediatheque"]["upgrades"] == []


def test_the_core_restarts_alone(copy: Copy) -> None:
    copy.edit(LIST, SIGNED, SIGNED + ', by: "A. Durand, DSI"')
    copy.edit(UPGRADES, "", UPGRADE.format(sites="[hotel-de-ville, ctm]", day="2026-12-14", at="22:00"))
    (fault,) = copy.load().faults
    assert (fault.rule, "hotel-de-ville porte le cœur" in fault.message) == ("PISTE-M243", True)


RETURN = ', rollback: {{to: {to}, category: stability, reason: Coupures, day: "2026-12-{day}", at: "22:00"}}'


def returned(copy: Copy, to: str, day: str) -> Town:
    copy.edit(LIST, SIGNED, SIGNED.replace("[switch-17-1]", "[switch-17-1, switch-17-2]") + ', by: "A. Durand, DSI"')
    waves = UPGRADE.format(sites="[ctm]", day="2026-12-14", at="22:00").replace("switch-17-1", "switch-17-2")
    copy.edit(UPGRADES, "", waves.replace('"21:00"', '"21:00"' + RETURN.format(to=to, day=day)))
    return copy.load()


def test_a_way_back_goes_to_the_version_before_at_its_moment(copy: Copy) -> None:
    sites = returned(copy, "switch-17-1", "10").require().sites
    assert sites["ccas"]["upgrades"] == [
        {"product": "switch", "version": "switch-17-1", "time": "2026-12-10T21:00:00Z", "pilots": [],
         "rollback": {"category": "stability", "comment": "Coupures"}}
    ]  # fmt: skip
    assert sites["ctm"]["upgrades"][0]["pilots"] == ["VLB ccas"]


def test_a_way_back_to_an_unknown_version_or_before_its_wave_is_refused(copy: Copy) -> None:
    said = {fault.rule: fault.message for fault in returned(copy, "switch-16-8", "02").faults}
    assert "switch-16-8 n’est pas une version approuvée" in said["PISTE-M242"]
    assert said["PISTE-M244"] == "le retour (rollback) suit la mise à niveau de la vague"


@pytest.mark.parametrize("why", ["", ', together: "Coupure de la nuit, annoncée"'])
def test_two_cores_of_a_site_restart_together_only_where_somebody_says_why(copy: Copy, why: str) -> None:
    copy.edit(LIST, SIGNED, SIGNED + ', by: "A. Durand, DSI"')
    copy.edit(HDV, "members: [sw-hdv-01, sw-hdv-02]", "members: [sw-hdv-09, sw-hdv-10]")
    waves = UPGRADE.format(sites="[hotel-de-ville]", day="2026-12-14", at="22:00")
    copy.edit(UPGRADES, "", waves.replace('"22:00"', f'"22:00"{why}'))
    said = [fault.message for fault in copy.load().faults if fault.rule == "PISTE-M243"]
    assert ["sw-hdv-01, sw-hdv-02 portent chacun le pare-feu ou d’autres sites" in line for line in said] == (
        [] if why else [True]
    )


@pytest.mark.parametrize(
    ("model", "expected"), [("MS425-32", "MS425"), ("MS120-8", "MS"), ("MR", "MR"), ("Nexus", None), ("M", None)]
)
def test_the_longest_class_that_begins_a_model_holds(model: str, expected: str | None) -> None:
    assert class_of(model, ["MS", "MS425", "MR", "NGFW"]) == expected


def test_the_ports_whose_other_end_is_declared_must_be_up_at_the_rate_of_their_link(town: Town) -> None:
    ports = {
        f"{device['name']}/{port['port']}": port["rate_mbps"]
        for device in town.sites["hotel-de-ville"]["devices"]
        for port in device["ports"]
        if port["in_use"]
    }
    # The link of a school, an aggregate, the firewall, a link of 10 Gb/s.
    assert {name: ports[name] for name in ("sw-hdv-01/5", "sw-hdv-03/49", "sw-hdv-02/31", "sw-hdv-02/12")} == {
        "sw-hdv-01/5": 1000,
        "sw-hdv-03/49": 1000,
        "sw-hdv-02/31": 1000,
        "sw-hdv-02/12": 10_000,
    }
    assert "sw-hdv-01/20" not in ports
