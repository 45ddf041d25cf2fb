"""Declared restore tests: what is derived, and the faults."""

from __future__ import annotations

from typing import get_args

import pytest

from piste.town.model import Town
from piste.town.model.restores import DEMANDED, FIELDS, Method
from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "restore_tests.yml"

RESTORES = [
    Case(
        "a field that a method lacks, a field of another, a demanded restore that no test proves",
        [
            (FILE, "    network: restauration\n", "    object: agent.test\n"),
            (FILE, "    requirement: type_pc_school\n", ""),
            (FILE, "    set: partages\n", "    set: partage\n    store: restic\n"),
            (FILE, "    server: hdv-nps1\n", "    server: hdv-nps9\n"),
        ],
        [
            ("M315", "restore_tests[serveur-critique].network", FILE, "  serveur-critique:"),
            ("M315", "restore_tests[serveur-critique].object", FILE, "    object: agent.test"),
            ("M316", "restore_tests[partages].set", FILE, "    set: partage"),
            ("M316", "restore_tests[partages].store", FILE, "    store: restic"),
            ("M316", "restore_tests[nps].server", FILE, "    server: hdv-nps9"),
            ("M317", "restore_tests", FILE, "restore_tests:"),
        ],
        ["la méthode machine demande network", "object ne dit rien à la méthode machine", "poste type « école »"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", RESTORES, ids=lambda case: case.name)
def test_each_fault_is_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_the_declared_tests_cover_every_method_and_every_demanded_restore(town: Town) -> None:
    assert town.commune
    tests = town.commune["restore_tests"]
    assert {test["method"] for test in tests} | {"repository"} == set(get_args(Method)) == set(FIELDS)
    assert {test["requirement"] for test in tests} == {None, *DEMANDED}
