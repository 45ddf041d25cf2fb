"""The acceptance page of Windows: its names are those of the declaration."""

from __future__ import annotations

import re

from lab.declared import declared_town
from piste.systems.windows.intent import SHUTDOWN
from tests.unit.repository.tree import ROOT

PAGE = (ROOT / "docs" / "recette-windows.md").read_text("utf-8")
LINE = " ".join(PAGE.split())


def test_every_policy_that_it_names_is_declared() -> None:
    commune = declared_town().commune
    assert commune is not None
    policies = {policy["name"] for policy in commune["directory"]["policies"]}
    named = {*re.findall(r"« ((?:Socle|Sobriété|802\.1X)[^»]*) »", LINE)}
    named |= {*re.findall(r'(?:-Name|-BackupGpoName) "([^"]*)"', LINE)} - {"essai"}
    assert len(named) > 4
    assert named - policies == set()


def test_every_task_group_and_wireless_network_is_declared() -> None:
    town = declared_town()
    assert town.commune is not None
    directory = town.commune["directory"]
    policies = directory["policies"]
    assert {*re.findall(r'/tn "([^"]*)"', PAGE)} == {SHUTDOWN}
    assert {*re.findall(r"`(GP-[\w-]+)`", PAGE)} <= {group["name"] for group in directory["groups"]}
    (profiles,) = (policy["computer"]["wireless"] for policy in policies if policy["name"] == "802.1X - Postes")
    assert {*re.findall(r"`(VLB-\w+)`", PAGE)} == profiles["ssids"].keys()


def test_no_command_waits_for_a_name() -> None:
    assert re.findall(r'"NOM"|NOM:|TÂCHE|COMPTE|OU=…', PAGE) == []
