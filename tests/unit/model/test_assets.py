"""Assets: derived from every part of the declaration, completed by tables of lines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES, COMPUTERS, ITIL, MANDATORY, READERS
from piste.town.model.assets.form import COLUMNS
from tests.unit.model.broken_town import HDV, JAURES, Case, Copy, check, host

FOLDER = "inventories/town/assets/"
PCS, PRINTERS, SERVERS = (f"{FOLDER}{name}.csv" for name in ("computer", "printer", "server"))
CORE, WALL = f"{FOLDER}core_switch.csv", f"{FOLDER}firewall.csv"
FIRST = "pc-jau-001,"


def computer(name: str = "pc-jau-001", **cells: str) -> str:
    """Write the line of a computer of the sample town, with other cells."""
    line = {
        "name": name, "variant": "desktop", "serial": f"EX-jau-pc-{name[-3:]}", "site": "ecole-jaures",
        "assigned_to": "Écoles", "state": "in_service", "warranty_until": "2027-06-30", "end_of_life": "2029-06-30",
        "mac": f"02:93:05:10:00:{name[-2:]}", "status": "to_confirm",
    }  # fmt: skip
    return ",".join({**line, **cells}.values())


def cell(rule: str, says: str, **cells: str) -> Case:
    """Break a cell of the first computer of a school."""
    (column,) = cells
    fault = (rule, f"assets.computer[pc-jau-001].{column}", PCS, FIRST)
    return Case(f"{column} {cells[column]!r}", [(PCS, computer(), computer(**cells))], [fault], [says])


ASSETS = [
    cell("M254", "aucun site de l’inventaire ne se nomme « ecole-jaure »", site="ecole-jaure"),
    cell("M255", "« tower » n’est pas une variante de cette classe (desktop, laptop", variant="tower"),
    cell("M006", "pc-jau-001 : la cellule « site » est vide, et rien d’autre ne la donne", site=""),
    cell("M006", "pc-jau-001 : la cellule « state » est vide", state=""),
    cell("M154", "sous garantie jusqu’au 2030-01-01, après sa fin de vie, le 2029-06-30", warranty_until="2030-01-01"),
    cell("M007", "state : « on » n’est pas l’une de : awaited, in_service, stock", state="on"),
    cell("M007", "end_of_life : « 31/12/2029 » n’est pas un jour", end_of_life="31/12/2029"),
    cell("M007", "assigned_to : « a.dupont@ville.example » n’est pas un service", assigned_to="a.dupont@ville.example"),
    cell("M007", "serial : « =HYPERLINK(0) » serait une formule", serial="=HYPERLINK(0)"),
    cell("M007", "mac : « 02-93-05-10-00-01 » n’est pas une adresse MAC", mac="02-93-05-10-00-01"),
    Case(
        "a number of another computer, whatever its letters, and that of a switch; twice no number",
        [
            (PCS, computer(), computer(serial="ex-JAU-pc-002")),
            (PCS, computer("pc-jau-003"), computer("pc-jau-003", serial="QZZZ-0005-0001")),
            (PRINTERS, "imp-jau-01,EX-jau-mfp-001", "imp-jau-01,inconnu"),
            (PRINTERS, "imp-jau-02,EX-jau-imp-002", "imp-jau-02,inconnu"),
        ],
        [
            ("M252", "assets.computer[pc-jau-002].serial", PCS, "pc-jau-002,"),
            ("M252", "assets.computer[pc-jau-003].serial", PCS, "pc-jau-003,"),
        ],
        ["EX-jau-pc-002 est déjà celui de pc-jau-001", "QZZZ-0005-0001 est déjà celui de sw-jau-01"],
    ),
    Case(
        "a name that a line, a switch and a machine already have",
        [
            (PCS, computer("pc-jau-002"), computer("PC-JAU-001", serial="Z2")),
            (PCS, computer("pc-jau-003"), computer("sw-jau-01", serial="Z1")),
            (SERVERS, "srv-hdv-phy1", "hdv-dc1"),
        ],
        [
            ("M251", "assets.computer[PC-JAU-001]", PCS, "PC-JAU-001,"),
            ("M251", "assets.computer[sw-jau-01]", PCS, "sw-jau-01,"),
            ("M251", "assets.server[hdv-dc1]", SERVERS, "hdv-dc1,"),
        ],
        [
            "« PC-JAU-001 » est déjà déclaré à inventories/town/assets/computer.csv:",
            f"déjà dans l’inventaire (commutateur) : il vient de {JAURES}:8",
            "(machine virtuelle) : il vient de group_vars/all/hosting.yml:",
        ],
    ),
    Case(
        "cells that the engine and the Nexus give",
        [
            (WALL, "name,serial,model,place,", "name,serial,model,site,"),
            (WALL, "EX-hdv-fw-001,NGFW 1101,,", "EX-hdv-fw-001,NGFW 1101,ecole-jaures,"),
            (CORE, "name,serial,model,", "name,serial,maker,"),
            (CORE, "EX-hdv-nx-001,,", "EX-hdv-nx-001,Cisco,"),
        ],
        [
            ("M253", "assets.core_switch[nx-hdv-1].maker", CORE, "EX-hdv-nx-001"),
            ("M253", "assets.firewall[fw-hdv-1].site", WALL, "fw-hdv-1,"),
        ],
        [f"nx-hdv-1 : « maker » vient déjà de {HDV}:", "fw-hdv-1 : « site » vient déjà de group_vars/all/flows.yml:"],
    ),
    Case(
        "tables of no class, and of what is declared elsewhere",
        [(f"{FOLDER}computers.csv", "", "name\n"), (f"{FOLDER}switch.csv", "", "name\nsw-jau-01\n")],
        [
            ("M250", f"{FOLDER}computers.csv", f"{FOLDER}computers.csv", 1),
            ("M250", f"{FOLDER}switch.csv", f"{FOLDER}switch.csv", 1),
        ],
        ["Vouliez-vous dire « computer.csv »", "Les commutateurs ne se disent pas dans une table"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", ASSETS, ids=lambda case: case.name)
def test_a_fault_of_the_assets_is_reported_at_its_line(copy: Copy, case: Case) -> None:
    check(copy, case)


HEADS = [
    ("name,price\nm1,3\n", "M005", 1, "La colonne « price » est inconnue"),
    ("name,name\nm1,m1\n", "M002", 1, "La colonne « name » est là deux fois"),
    ("serial\nZ1\n", "M006", 1, "La colonne « name » manque"),
    ("", "M006", 1, "Le fichier est vide"),
    ("name,site\nm1\n", "M001", 2, "1 cellule pour 2 colonnes : une virgule dans un texte va entre guillemets"),
    ("name;site\nm1;ccas\n", "M001", 1, "Les colonnes s’y séparent par un point-virgule : il faut une virgule"),
    ('name,site\nm1,"houyoux\n', "M001", 2, "Ce n’est pas du CSV"),
    ("name,site\n\nm1,hou\u202eyoux\n", "M018", 3, "site : caractère invisible (U+202E)"),
]


@pytest.mark.parametrize(("text", "rule", "line", "says"), HEADS, ids=[case[3] for case in HEADS])
def test_a_table_that_cannot_be_read_says_where(copy: Copy, text: str, rule: str, line: int, says: str) -> None:
    copy.edit(f"{FOLDER}mobile.csv", "", text)
    faults = [fault for fault in copy.load().faults if fault.file == f"{FOLDER}mobile.csv"]
    assert [(fault.rule, fault.line) for fault in faults] == [(f"PISTE-{rule}", line)]
    assert says in faults[0].message


def test_a_table_that_is_no_plain_file_is_a_fault(copy: Copy) -> None:
    (copy.root / f"{FOLDER}mobile.csv").mkdir()
    assert [(fault.rule, fault.path) for fault in copy.load().faults] == [("PISTE-M001", "assets.mobile")]


def test_the_sample_town_has_the_counts_of_its_plan(town: Town) -> None:
    assert Counter(asset["kind"] for asset in town.assets) == {
        "switch": 46, "access_point": 91, "core_switch": 2, "firewall": 2, "server": 5, "cluster": 1,
        "virtual_machine": 22, "ups": 9, "computer": 294, "phone": 209, "printer": 47, "interactive_board": 50,
        "access_control": 3,
    }  # fmt: skip
    variants = Counter(asset["variant"] for asset in town.assets if asset["kind"] in ("computer", "printer"))
    assert variants == {
        "desktop": 155, "thin_client": 50, "mac": 5, "school": 60, "public": 24, "copier": 22, "printer": 25,
    }  # fmt: skip
    names = [asset["name"].casefold() for asset in town.assets]
    assert len(set(names)) == len(names)


def test_each_asset_says_where_it_is_declared(town: Town) -> None:
    for asset in town.assets:
        file, _, line = asset["source"].rpartition(":")
        text = (Path(__file__).parents[3] / file).read_text("utf-8").splitlines()[int(line) - 1]
        known = (asset["name"], asset["serial"] or "", asset["model"] or "", "hosting:", "fw-hdv")
        assert any(word and word in text for word in known), (asset, text)


def test_a_line_completes_what_a_queue_declares(town: Town) -> None:
    printer = next(asset for asset in town.assets if asset["name"] == "imp-med-01")
    assert (printer["serial"], printer["assigned_to"]) == ("EX-med-mfp-001", "Médiathèque")
    assert (printer["address"], printer["mac"], printer["variant"]) == ("10.93.97.10", "02:93:12:00:00:81", "copier")
    assert printer["doubted"] == ["site", "state"]
    assert printer["source"].startswith(f"{host('mediatheque')}:")


@pytest.mark.parametrize(("comment", "variant"), [
    ("Copieur du hall", "copier"), ("imprimante", "printer"), ("Ancien copieur", None), ("Copieurs", None),
])  # fmt: skip
def test_a_queue_is_of_the_variant_of_its_first_word(copy: Copy, comment: str, variant: str | None) -> None:
    copy.edit(host("mediatheque"), "imp-med-01: {comment: Copieur", f"imp-med-01: {{comment: {comment}")
    printer = next(asset for asset in copy.load().assets if asset["name"] == "imp-med-01")
    assert printer["variant"] == variant


def test_the_assets_of_the_town_are_those_of_no_site(town: Town) -> None:
    assert town.commune
    assert {asset["kind"] for asset in town.commune["assets"]} == {"cluster", "server", "virtual_machine", "firewall"}
    assert {(asset["owner"], asset["site"]) for asset in town.commune["assets"]} == {("commune", "hotel-de-ville")}


def test_a_device_that_moved_from_a_closed_site_is_one_asset(whole: Copy) -> None:
    whole.edit(JAURES, "lifecycle: open", "lifecycle: closed")
    whole.edit(host("ecole-mermoz"), "QZZZ-0006-0001", "QZZZ-0005-0001")
    town = whole.load()
    assert town.errors == []
    sites = [asset["site"] for asset in town.assets if asset["serial"] == "QZZZ-0005-0001"]
    assert sites == ["ecole-mermoz"]
    assert {a["state"] for a in town.sites["ecole-jaures"]["assets"] if a["kind"] == "access_point"} == {"stock"}


def test_an_asset_changes_the_digest_and_a_comment_does_not(copy: Copy) -> None:
    before = copy.load().town_digest
    copy.edit(JAURES, "site:\n", "# Une école\nsite:\n")
    assert copy.load().town_digest == before
    copy.edit(PCS, computer(), computer(assigned_to="Direction"))
    assert copy.load().town_digest != before


def test_each_class_has_what_others_need() -> None:
    for name, entry in CLASSES.items():
        assert entry.name == name
        assert set(entry.mandatory) <= MANDATORY.keys()
        assert set(entry.readers) <= READERS.keys()
        assert entry.itil in ITIL
        assert bool(entry.watch.why) == (entry.watch.by == "none")
        assert bool(entry.watch.how) != bool(entry.watch.why)
        assert entry.declared_in or entry.table == "lines"
    assert COLUMNS[0] == "name"
    assert set(CLASSES["computer"].variants) == set(COMPUTERS)
