"""The accounting of printing: sources, quotas and release, each fault where it is."""

from __future__ import annotations

import pytest

from tests.unit.model.broken_town import ALL, Case, Copy, check

FILE = ALL + "printing.yml"
EXPORTS = "printing.accounting.exports"
CASES = [
    Case(
        "a quota of a service that has no printer",
        [(FILE, "    Communication: {", "    Comunication: {")],
        [("M365", "printing.quotas[Comunication]", FILE, "Comunication")],
        ["« Comunication » n’a aucune imprimante", "Vouliez-vous dire « Communication » ?"],
    ),
    Case(
        "an export without device, pages or date",
        [
            (FILE, "{serial: [Serial Number], pages_a4: [Total A4], pages_a3: [Total A3], color_pages: [Full Color]}",
             "{service: [Group], jobs: [Jobs]}"),
            (FILE, "files: kyocera-*.csv", "files: kyocera.csv"),
        ],
        [("M366", f"{EXPORTS}[kyocera]", FILE, "kyocera:")] * 4,
        ["aucune colonne ne dit l’appareil", "aucune colonne ne dit les pages", "rien ne dit la date",
         "un compteur est celui d’un appareil"],
    ),
    Case(
        "pages that count an A3 page twice, of two serial numbers",
        [(FILE, "columns: {serial: [Serial number], jobs: [Jobs]}", "columns: {serial: [A, B], pages_a4: [Jobs]}")],
        [("M366", f"{EXPORTS}[myq]", FILE, "myq:")] * 2,
        ["pages compte déjà une A3 pour deux", "serial vient d’une seule colonne"],
    ),
    Case(
        "an export with the name of another source",
        [(FILE, "      myq:\n", "      windows:\n"), (FILE, "[myq, printing", "[printing")],
        [("M366", f"{EXPORTS}[windows]", FILE, "windows:")],
        ["windows : c’est le nom d’une autre source"],
    ),
    Case(
        "a priority that names nothing",
        [(FILE, "priority: [myq,", "priority: [my-q,")],
        [("M367", "printing.accounting.priority", FILE, "priority:")],
        ["« my-q » n’est pas une source"],
    ),
    Case(
        "a release of a queue that nobody declares",
        [(FILE, "queues: [imp-hdv-01,", "queues: [imp-hdv-99,")],
        [("M368", "printing.release[imp-hdv-99]", FILE, "release:")],
        ["la file « imp-hdv-99 » n’est déclarée par aucun site"],
    ),
    Case(
        "two exports of the same files",
        [(FILE, "files: kyocera-*.csv", "files: myq-*.csv")],
        [("M369", f"{EXPORTS}[kyocera]", FILE, "kyocera:")],
        ["kyocera lit les mêmes fichiers que myq (myq-*.csv)"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_every_source_has_its_place(copy: Copy) -> None:
    commune = copy.load().commune
    assert commune is not None
    assert commune["print_accounting"] is not None
    printing = commune["print_accounting"]
    assert printing["priority"] == ["myq", "printing", "kyocera", "windows"]
    assert printing["exports"]["myq"]["columns"]["pages"] == ["Total prints"]
    assert printing["quotas"]["Écoles"]["every"] == "year"
