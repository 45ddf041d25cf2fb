"""Print queues: their site, and the time of their departures from the town's rule."""

from __future__ import annotations

from datetime import date

import pytest

from piste.systems.windows.intent import printing_intent
from tests.unit.model.broken_town import ALL, HDV, JAURES, Case, Copy, check

FIRST, QUEUES = "imp-jau-01: {comment: Copieur", "sites[ecole-jaures].print_queues"
SPARED = "sites[hotel-de-ville].print_queues[imp-hdv-05]"
TOWN = ALL + "printing.yml"
PRINTERS = "inventories/town/assets/printer.csv"
PRINTING = [
    Case(
        "a queue that bears the name of another site",
        [(JAURES, "imp-jau-01:", "imp-aur-01:")],
        [
            ("M140", f"{QUEUES}[imp-aur-01]", JAURES, "imp-aur-01"),
            ("M256", "assets.printer[imp-jau-01]", PRINTERS, "imp-jau-01"),
        ],
        ["ecole-jaures : la file « imp-aur-01 » ne se nomme pas imp-jau-…", "imp-jau-01 ne complète aucun équipement"],
    ),
    Case(
        "a departure that gives no reason, another that has no end",
        [
            (JAURES, FIRST, f'{FIRST}, color: true, until: "2027-06-30"'),
            (JAURES, "imp-jau-02: {", "imp-jau-02: {duplexing: one_sided, why: Étiquettes, "),
        ],
        [
            ("M141", f"{QUEUES}[imp-jau-01]", JAURES, "imp-jau-01"),
            ("M141", f"{QUEUES}[imp-jau-02]", JAURES, "imp-jau-02"),
        ],
        ["la file imp-jau-01 s’écarte de la règle sans why", "la file imp-jau-02 s’écarte de la règle sans until"],
    ),
    Case(
        "a departure that is over",
        [(HDV, "2099-12-31", "2026-11-23")],
        [("M142", SPARED, HDV, "imp-hdv-05")],
        ["la file imp-hdv-05 suit de nouveau la règle depuis la fin du 2026-11-23"],
    ),
    Case(
        "a print server that has no address",
        [(ALL + "printing.yml", "server: hdv-imp1", "server: hdv-imp2")],
        [("M035", "printing.server", ALL + "printing.yml", "server: hdv-imp2")],
        ["Le serveur « hdv-imp2 » n’a de réservation dans aucun segment"],
    ),
    Case(
        "a quota of a service that has no printer, a queue of release that no site has, a source that is none",
        [
            (TOWN, "    Communication: {pages", "    Comunication: {pages"),
            (TOWN, "imp-hdv-01, imp-hdv-02, imp-hdv-03", "imp-hdv-01, imp-hdv-99"),
            (TOWN, "priority: [myq, printing", "priority: [myc, printing"),
        ],
        [
            ("M365", "printing.quotas[Comunication]", TOWN, "    Comunication: {pages"),
            ("M367", "printing.accounting.priority", TOWN, "priority: [myc"),
            ("M368", "printing.release[imp-hdv-99]", TOWN, "imp-hdv-99"),
        ],
        [
            "« Comunication » n’a aucune imprimante",
            "Vouliez-vous dire « Communication »",
            "« myc » n’est pas une source",
        ],
    ),
    Case(
        "an export without a device, another that reads the files of a third",
        [
            (TOWN, "        columns: {serial: [Serial Number], pages_a4", "        columns: {pages_a4"),
            (TOWN, "files: kyocera-*.csv", "files: myq-*.csv"),
        ],
        [
            ("M366", "printing.accounting.exports[kyocera]", TOWN, "      kyocera:"),
            ("M369", "printing.accounting.exports[kyocera]", TOWN, "      kyocera:"),
        ],
        ["aucune colonne ne dit l’appareil (serial) ni la file (queue)", "kyocera lit les mêmes fichiers que myq"],
    ),
]


@pytest.mark.parametrize("case", PRINTING, ids=lambda case: case.name)
def test_the_fault_is_reported_where_it_is(copy: Copy, case: Case) -> None:
    check(copy, case)


def test_a_queue_follows_the_rule_unless_it_is_spared_it_still(copy: Copy) -> None:
    def queue(day: date) -> dict[str, object]:
        site = copy.load(today=day).sites["hotel-de-ville"]
        (match,) = [entry for entry in printing_intent(site)["queues"] if entry["name"] == "imp-hdv-05"]
        return match

    rule = {"name": "imp-hdv-05", "duplexing": "long_edge", "color": False, "comment": "Copieur"}
    assert queue(date(2099, 12, 31)) == {**rule, "color": True}
    assert queue(date(2100, 1, 1)) == rule


def test_what_a_queue_does_not_say_is_not_managed(copy: Copy) -> None:
    copy.edit(JAURES, FIRST, "imp-jau-01: {location: Salle 3, shared: false")
    intent = printing_intent(copy.load().sites["ecole-jaures"])
    assert (intent["server"], intent["prefix"]) == ("hdv-imp1", "imp-jau-")
    assert intent["queues"][0] == {
        "name": "imp-jau-01",
        "duplexing": "long_edge",
        "color": False,
        "location": "Salle 3",
        "shared": False,
    }


def test_the_town_itself_has_no_queue(copy: Copy) -> None:
    assert printing_intent(dict(copy.load().commune or {})) == {"server": "", "prefix": "", "queues": []}
