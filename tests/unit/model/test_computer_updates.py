"""The rings of the updates of Windows: the pilot first, each later than the ring before."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, Case, Copy, check


def ring(name: str, days: int, more: str = "") -> str:
    return (f"  {name}:\n    comment: Anneau\n    computer:\n      policies:\n"
            f"        windows_update.defer_quality: true\n        windows_update.defer_quality_days: {days}\n"
            f"{more}    status: to_confirm\n")  # fmt: skip


GROUP = "    filtering: [GP-Pilote-Sobriete]\n"
POLICIES, COMPUTERS = ALL + "policies.yml", ALL + "computers.yml"


def rings(pilot: str, town: str, order: str = "Anneau pilote, Anneau ville") -> list[tuple[str, str, str]]:
    return [
        (POLICIES, "directory_policies:\n", f"directory_policies:\n{pilot}{town}"),
        (POLICIES, "  Ville: [Socle commun]\n", f"  Ville: [{order}, Socle commun]\n"),
        (COMPUTERS, "  rings: {}\n", "  rings:\n    pilote: Anneau pilote\n    ville: Anneau ville\n"),
    ]


CASES = [
    Case("two rings, the pilot first", rings(ring("Anneau pilote", 0, GROUP), ring("Anneau ville", 7)), []),
    Case(
        "a ring that comes with the pilot, and a pilot that is everybody",
        rings(ring("Anneau pilote", 7), ring("Anneau ville", 7)),
        [("M407", "computer_updates.rings[pilote]", COMPUTERS, "    pilote: Anneau"),
         ("M407", "computer_updates.rings[ville]", COMPUTERS, "    ville: Anneau")],
        ["sa stratégie s’applique à tous", "il reçoit les mises à jour avant l’anneau précédent"],
    ),
    Case(
        "a pilot that the policy of all overrides",
        rings(ring("Anneau pilote", 0, GROUP), ring("Anneau ville", 7), "Anneau ville, Anneau pilote"),
        [("M407", "computer_updates.rings[ville]", COMPUTERS, "    ville: Anneau")],
        ["le pilote se lie le premier"],
    ),
    Case(
        "a ring that says no delay",
        rings(ring("Anneau pilote", 0, GROUP),
              "  Anneau ville:\n    comment: Anneau\n    computer: {policies: {windows_update.automatic: true}}\n"
              "    status: to_confirm\n"),
        [("M407", "computer_updates.rings[ville]", COMPUTERS, "    ville: Anneau")] * 2,
        ["ne dit pas de combien de jours elle diffère"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rings_are_checked(case: Case, copy: Copy) -> None:
    check(copy, case)


def test_rings_are_policies_of_the_directory(copy: Copy) -> None:
    for edit in CASES[0].edits:
        copy.edit(*edit)
    commune = copy.load().commune
    assert commune
    pilot, everybody = (policy for policy in commune["directory"]["policies"] if policy["name"].startswith("Anneau"))
    assert (pilot["filtering"], everybody["filtering"]) == (["GP-Pilote-Sobriete"], None)
    (links,) = (links for links in commune["directory"]["links"] if links["place"] == "Ville")
    assert links["policies"][:2] == ["Anneau pilote", "Anneau ville"]
