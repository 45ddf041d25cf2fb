"""The rules of review: names that nothing knows, and groups too small, are refused."""

from __future__ import annotations

import pytest

from piste.town.town import load_town
from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "review.yml"
FIREWALL = "{domains: [firewall], by: [securite]"

REVIEW = [
    Case(
        "a group that nobody is in, and a near name",
        [(FILE, FIREWALL, "{domains: [firewall], by: [securité]")],
        [("M007", "review.approvals[4].by[1]", FILE, "securité]")],
    ),
    Case(
        "a group that is not declared",
        [(FILE, FIREWALL, "{domains: [firewall], by: [securites]")],
        [("M170", "review.approvals[4]", FILE, "securites]")],
        ["« securites » n’est pas un groupe de review.approvers", "Vouliez-vous dire « securite » ?"],
    ),
    Case(
        "a change of the rules by an unknown group",
        [(FILE, "rules_changed_by: [securite]", "rules_changed_by: [direction]")],
        [("M170", "review.rules_changed_by", FILE, "direction")],
    ),
    Case(
        "more approvals than there are people",
        [(FILE, "reseau: [amina.diallo, paul.lefevre]", "reseau: [amina.diallo]")],
        [("M170", "review.approvals[6]", FILE, "words: [uplink")],
        ["2 accords sont demandés à 1 personne"],
    ),
    Case(
        "a word that guards nothing",
        [(FILE, "words: [privileged,", "words: [privilegied,")],
        [("M007", "review.approvals[5].words[1]", FILE, "privilegied")],
        ["Vouliez-vous dire « privileged » ?"],
    ),
]
NAMES = [
    Case(
        "a domain and a kind that do not exist",
        [(FILE, FIREWALL, "{domains: [parefeu], kinds: [switch_port, prise], by: [securite]")],
        [("M170", "review.approvals[4]", FILE, "parefeu"), ("M170", "review.approvals[4]", FILE, "parefeu")],
        ["« parefeu » n’est pas un domaine", "« prise » n’est pas un genre d’objet"],
    ),
]


@pytest.mark.parametrize("case", REVIEW, ids=lambda case: case.name)
def test_a_rule_of_review_that_would_guard_nothing(copy: Copy, case: Case) -> None:
    check(copy, case)


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case.name)
def test_a_rule_of_review_of_what_no_table_knows(copy: Copy, case: Case) -> None:
    check(copy, case, load_town)
