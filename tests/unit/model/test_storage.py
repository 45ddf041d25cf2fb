"""Targeted shares and retention: what is derived, and the faults."""

from __future__ import annotations

import pytest

from piste.town.model import Town
from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "storage.yml"
_DECIDED = '      decided_by: Conseil municipal\n      decided_on: "2026-06-30"\n'
_SERVICES = "      share: Services\n"
_APPLIED = "      applied: Tâche mensuelle du serveur de fichiers\n"

STORAGE = [
    Case(
        "an unknown server, unknown classes, no class",
        [
            (FILE, f"hdv-fic1\n{_SERVICES}", f"hdv-fic9\n{_SERVICES}"),
            (FILE, "retention: [dossiers-courants, pieces-comptables]", "retention: [dossiers-courants, pieces]"),
            (FILE, "      family: fichiers\n      retention: [dossiers-personnels]\n", "      family: dossiers\n"),
        ],
        [
            ("M340", "storage.shares[services].server", FILE, "      server: hdv-fic9"),
            ("M342", "storage.shares[services].retention[1]", FILE, "      retention: [dossiers-courants, pieces]"),
            ("M342", "storage.shares[personnels].family", FILE, "      family: dossiers"),
            ("M343", "storage.shares[personnels]", FILE, "    personnels:"),
        ],
        ["« hdv-fic9 » n’a de réservation", "« pieces » n’est pas déclarée", "« dossiers » n’est pas déclarée"],
    ),
    Case(
        "a folder counted twice",
        [(FILE, "      share: Echanges\n", "      share: services\n      path: Finances/2020\n")],
        [("M341", "storage.shares[echanges]", FILE, "    echanges:")],
        ["echanges est compté aussi dans services"],
    ),
    Case(
        "a retention that acts without a decision, or before it",
        [
            (FILE, "      basis: Tableau de gestion, archives communales\n", "      applied: Tri annuel\n"),
            (FILE, "      basis: Charte informatique\n",
             f"{_DECIDED}{_APPLIED}      applied_on: \"2026-01-01\"\n"),
        ],
        [
            ("M344", "storage.retention[pieces-comptables]", FILE, "      applied: Tri annuel"),
            ("M344", "storage.retention[depot-temporaire]", FILE, _APPLIED.rstrip("\n")),
            ("M377", "storage.retention[pieces-comptables]", FILE, "      applied: Tri annuel"),
            ("M377", "storage.retention[depot-temporaire]", FILE, _APPLIED.rstrip("\n")),
        ],
        ["appliquée le 2026-01-01, avant sa décision du 2026-06-30"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", STORAGE, ids=lambda case: case.name)
def test_each_fault_is_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_an_excluded_folder_may_be_a_target_of_its_own(copy: Copy) -> None:
    path = "      share: Services\n      path: Ressources humaines/Paie\n"
    check(copy, Case("excluded there, targeted here", [(FILE, "      share: Echanges\n", path)], [], []))


def test_a_target_takes_the_address_of_its_server_and_what_its_classes_lack(town: Town) -> None:
    assert town.commune
    assert town.commune["storage"]
    shares = {share["name"]: share for share in town.commune["storage"]["shares"]}
    assert shares["services"]["address"] == "10.93.2.16"
    assert (shares["services"]["retention_applied"], shares["personnels"]["levels"]) == (False, 0)
    assert shares["services"]["retention_why"] == "dossiers-courants : décision sans auteur ou sans date"
