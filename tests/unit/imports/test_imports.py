"""Imports: lists and inventories of agents, matched or refused with their line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from piste.engine.tables import day_of
from piste.sites.declaring import TOWN
from piste.sites.imports import agents, spreadsheet
from piste.sites.imports.item import MOST, Item
from piste.sites.imports.matching import Step, planned
from piste.sites.imports.reading import files, read_files
from piste.town.model import Town
from piste.town.model.assets.titles import mac_of
from tests.support.town import declared_town

LIST = "N° de série;Type;Nom;Marque;Site;Affectation;Garantie;Adresse MAC\n"


@pytest.fixture(scope="module")
def town() -> Town:
    return declared_town()


def listed(text: str | bytes, town: Town, kind: str | None = None, **given: Any) -> tuple[list[Step], list[str]]:
    """Plan the import of a list; give its steps and its faults."""
    read = spreadsheet.read(text.encode() if isinstance(text, str) else text, "parc.csv", kind)
    steps, faults = planned(read.items, town, **given)
    return steps, [str(fault) for fault in (*read.faults, *faults)]


def outcomes(steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    return [(step.outcome, step.kind, step.name) for step in steps]


def test_a_french_list_of_a_spreadsheet_is_read_whatever_its_order(town: Town) -> None:
    rows = (
        "5CG1;ordinateur portable;pc-jau-901;HP;École Jean Jaurès;Direction;30/06/2030;02-AB-00-00-00-01\r\n"
        "5CG2;Copieurs;cop-med-901;Kyocera;mediatheque;Médiathèque;;\r\n"
        "5CG3;TBI;tbi-jau-901;;jau;Écoles;2031-01-31;\r\n"
    )
    steps, faults = listed((LIST.replace("\n", "\r\n") + rows).encode("cp1252"), town)
    assert faults == []
    assert outcomes(steps) == [
        ("add", "computer", "pc-jau-901"),
        ("add", "printer", "cop-med-901"),
        ("add", "interactive_board", "tbi-jau-901"),
    ]
    assert dict(steps[0].cells) == {
        "name": "pc-jau-901", "variant": "laptop", "serial": "5CG1", "maker": "HP", "site": "ecole-jaures",
        "assigned_to": "Direction", "warranty_until": "2030-06-30", "mac": "02:ab:00:00:00:01", "state": "in_service",
    }  # fmt: skip
    assert (steps[1].cells["variant"], steps[2].cells["site"]) == ("copier", "ecole-jaures")


def test_a_typographic_apostrophe_is_an_apostrophe(town: Town) -> None:
    rows = "Nom;Type;Série;Site;Garantie jusqu’au\npc-1;PC;5CG1;Centre communal d’action sociale (CCAS);2030-06-30\n"
    steps, faults = listed(rows, town)
    assert faults == []
    assert (steps[0].cells["site"], steps[0].cells["warranty_until"]) == ("ccas", "2030-06-30")


def test_what_is_known_is_completed_left_or_said_to_be_elsewhere(town: Town) -> None:
    rows = (
        "5CG9;PC;PC-JAU-001.ad.lebourget.example;HP;ecole-jaures;;;\n"  # by its name; its number was an example
        "EX-jau-pc-002;PC;;;ecole-jaures;Écoles;2027-06-30;\n"  # by its number, the same
        ";PC;poste-x;;ecole-jaures;;;02:93:05:10:00:03\n"  # by its MAC address
        ";copieur;imp-jau-01;Ricoh;ecole-jaures;;;\n"  # completes what the queue declares
        "QZZZ-0005-0001;commutateur;;Cisco Meraki;ecole-jaures;;;\n"  # declared as a device
        "Q2HP-1234-ABCD;commutateur;neuf;Cisco;ecole-jaures;;;\n"  # known by the Dashboard alone
        "NX123;serveur;noeud;Nutanix;hotel-de-ville;;;\n"  # read in Prism
        "Z9;onduleur;ups-x;APC;ecole-jaures;;;\n"  # declared elsewhere
    )
    steps, faults = listed(LIST + rows, town, observed=["nx123"])
    assert faults == []
    assert outcomes(steps) == [
        ("complete", "computer", "pc-jau-001"),
        ("same", "computer", "pc-jau-002"),
        ("same", "computer", "pc-jau-003"),
        ("complete", "printer", "imp-jau-01"),
        ("same", "switch", "sw-jau-01"),
        ("elsewhere", "switch", "neuf"),
        ("elsewhere", "server", "noeud"),
        ("elsewhere", "ups", "ups-x"),
    ]
    assert dict(steps[0].cells) == {"serial": "5CG9", "maker": "HP"}
    assert dict(steps[3].cells) == {"maker": "Ricoh"}
    assert "déclarez-le dans switches" in steps[5].why
    assert steps[7].why == "se déclare dans premises.ups"


def test_a_confirmed_value_is_never_replaced(town: Town) -> None:
    from copy import deepcopy
    from dataclasses import replace

    sites = deepcopy(town.sites)
    asset = next(asset for asset in sites["ecole-jaures"]["assets"] if asset["name"] == "pc-jau-001")
    asset.update(serial="5CG1", status="validated", warranty_until=None)
    confirmed = replace(town, sites=sites)
    steps, _ = listed("name,class,serial,warranty_until\npc-jau-001,computer,5CG2,2030-01-01\n", confirmed)
    assert [(step.outcome, dict(step.cells)) for step in steps] == [("conflict", {})]
    assert steps[0].why == "serial : « 5CG1 » ici, « 5CG2 » dans le fichier"
    steps, _ = listed("name,class,serial,warranty_until\npc-jau-001,computer,5CG1,2030-01-01\n", confirmed)
    assert [(step.outcome, dict(step.cells)) for step in steps] == [("complete", {"warranty_until": "2030-01-01"})]


HOSTILE = [
    ("name,class,site\n=cmd|'/c calc',computer,ccas\n", 2, "serait une formule dans un tableur"),
    ("name,class,site\npc-1,computer,ccas\npc-\u202e2,computer,ccas\n", 3, "caractère invisible (U+202E)"),
    ("name,class,site\npc-1,computer,atlantide\n", 2, "aucun site ne se nomme « atlantide »"),
    ("name,class,site\npc-1,fusée,ccas\n", 2, "« fusée » n’est aucune classe connue"),
    ("name,site\npc-1,ccas\n", 2, "rien ne dit de quelle classe est la ligne"),
    ("prix,site\n1,ccas\n", 1, "ni nom ni numéro de série parmi les colonnes"),
    ("name,nom,class\npc-1,pc-2,computer\n", 1, "la colonne « name » est là deux fois"),
    ("name,class,site\npc-1,computer,ccas\nPC-1,computer,ccas\n", 3, "« PC-1 » est déjà à parc.csv:2"),
    ("name,class,site,garantie\npc-1,computer,ccas,demain\n", 2, "warranty_until : « demain » n’est pas un jour"),
    ("name,class,site,etat\npc-1,computer,ccas,volé\n", 2, "state : « volé » n’est pas l’une de"),
    ("name,class\npc-1,computer\n", 2, "pc-1 : rien ne dit son site"),
    ("name,class,site\nposte de Marie,computer,ccas\n", 2, "« poste de Marie » n’est pas un nom court"),
    ("name,class,site,variant\npc-1,computer,ccas,tour\n", 2, "variante « tour » inconnue"),
    (f"name,class,site\n{'x' * 301},computer,ccas\n", 2, "name : plus de 300 signes"),
    ('name,class,site\npc-1,computer,"ccas\n', 2, "ce n’est pas du CSV"),
    ("name,class,ip\npc-1,computer,1.2.3\n", 2, "« 1.2.3 » n’est pas une adresse IP"),
    ("name,class,site\n" + "x,computer,ccas\n" * (MOST + 1), MOST + 2, f"plus de {MOST} lignes"),
]


@pytest.mark.parametrize(("text", "line", "says"), HOSTILE, ids=[case[2] for case in HOSTILE])
def test_a_fault_of_a_list_is_refused_with_its_line(text: str, line: int, says: str, town: Town) -> None:
    _, faults = listed(text, town)
    assert any(fault.startswith(f"parc.csv:{line} : ") and says in fault for fault in faults), faults[:3]


def test_people_and_unknown_columns_are_not_read_and_it_is_said(town: Town) -> None:
    read = spreadsheet.read(b"nom;utilisateur;prix;class\npc-1;Jean Dupont;3;computer\n", "parc.csv", None)
    assert read.remarks == [
        "colonne « utilisateur » non lue : elle nomme des personnes",
        "colonne « prix » non lue : rien ne lui correspond",
    ]
    assert "Dupont" not in str(read.items)


AGENT: dict[str, Any] = {
    "deviceid": "pc-jau-950-2026-11-27-10-00-00",
    "itemtype": "Computer",
    "content": {
        "versionclient": "GLPI-Agent_v1.15",
        "hardware": {
            "name": "PC-JAU-950", "chassis_type": "Notebook", "vmsystem": "Physical", "lastloggeduser": "mdupont",
        },
        "bios": {"ssn": "5CG0123XYZ", "smanufacturer": "HP", "smodel": "HP ProBook 450 G9"},
        "networks": [
            {"type": "wifi", "mac": "02:AA:00:00:00:02", "ipaddress": "10.93.41.61"},
            {"type": "ethernet", "mac": "02:AA:00:00:00:01", "ipaddress": "10.93.41.60"},
            {"type": "ethernet", "mac": "02:AA:00:00:00:03", "virtualdev": True},
        ],
        "users": [{"login": "mdupont"}],
    },
}  # fmt: skip
XML = """<?xml version="1.0" encoding="UTF-8"?>
<REQUEST><CONTENT>
 <HARDWARE><NAME>PC-JAU-950</NAME><CHASSIS_TYPE>Notebook</CHASSIS_TYPE><VMSYSTEM>Physical</VMSYSTEM>
  <USERID>mdupont</USERID></HARDWARE>
 <BIOS><SSN>5CG0123XYZ</SSN><SMANUFACTURER>HP</SMANUFACTURER><SMODEL>HP ProBook 450 G9</SMODEL></BIOS>
 <NETWORKS><TYPE>wifi</TYPE><MACADDR>02:AA:00:00:00:02</MACADDR><IPADDRESS>10.93.41.61</IPADDRESS></NETWORKS>
 <NETWORKS><TYPE>ethernet</TYPE><MACADDR>02:AA:00:00:00:01</MACADDR><IPADDRESS>10.93.41.60</IPADDRESS></NETWORKS>
 <NETWORKS><TYPE>ethernet</TYPE><MACADDR>02:AA:00:00:00:03</MACADDR><VIRTUALDEV>1</VIRTUALDEV></NETWORKS>
 <USERS><LOGIN>mdupont</LOGIN></USERS>
</CONTENT><DEVICEID>pc-jau-950-2026-11-27-10-00-00</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>
"""


@pytest.mark.parametrize("raw", [json.dumps(AGENT).encode(), XML.encode()], ids=["json", "xml"])
def test_an_inventory_of_an_agent_gives_the_hardware_and_its_site_and_nobody(raw: bytes, town: Town) -> None:
    read = agents.read(raw, "agent")
    assert read.faults == []
    assert "mdupont" not in str(read.items)
    steps, faults = planned(read.items, town)
    assert (outcomes(steps), faults) == ([("add", "computer", "PC-JAU-950")], [])
    assert dict(steps[0].cells) == {
        "name": "PC-JAU-950", "serial": "5CG0123XYZ", "maker": "HP", "model": "HP ProBook 450 G9", "variant": "laptop",
        "mac": "02:aa:00:00:00:01", "site": "ecole-jaures", "state": "in_service",
    }  # fmt: skip


def agent(**hardware: Any) -> dict[str, Any]:
    whole = json.loads(json.dumps(AGENT))
    whole["content"]["hardware"].update(hardware)
    return dict(whole)


def test_a_virtual_machine_and_a_device_of_the_network_are_declared_elsewhere(town: Town) -> None:
    guest, known = agent(vmsystem="QEMU", name="vm-neuve"), agent(vmsystem="QEMU", name="hdv-fic1")
    switch = {"deviceid": "x", "itemtype": "NetworkEquipment", "content": {"network_device": {
        "type": "Networking", "name": "sw-x", "serial": "FOC1", "model": "C9300"}}}  # fmt: skip
    for whole, expected in (
        (guest, ("elsewhere", "computer", "vm-neuve")),
        (known, ("elsewhere", "virtual_machine", "hdv-fic1")),
        (switch, ("elsewhere", "switch", "sw-x")),
    ):
        steps, faults = planned(agents.read(json.dumps(whole).encode(), "agent").items, town)
        assert (outcomes(steps), faults) == ([expected], [])


def test_a_number_that_a_maker_left_blank_is_no_number() -> None:
    whole = agent()
    whole["content"]["bios"]["ssn"] = "To be filled by O.E.M."
    assert "serial" not in agents.read(json.dumps(whole).encode(), "agent").items[0].cells


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n<REQUEST><CONTENT>&b;</CONTENT></REQUEST>'
WRONG = [
    (BOMB, 1, "une définition de type (DTD) est refusée"),
    ("\n\n<!DOCTYPE r SYSTEM 'file:///etc/passwd'><REQUEST/>", 3, "une définition de type (DTD) est refusée"),
    ("<REQUEST>\n<CONTENT>\n</REQUEST>", 3, "ce n’est pas du XML"),
    ("<REQUEST/>", 1, "REQUEST ou CONTENT manque"),
    ('<?xml version="1.0" encoding="xyz"?><REQUEST/>', 1, "son codage ne se lit pas (unknown encoding"),
    ('<?xml version="1.0" encoding="shift_jis"?><REQUEST/>', 1, "son codage ne se lit pas (multi-byte"),
    ("<a>" * 30 + "</a>" * 30, 1, "trop d’éléments, ou trop imbriqués"),
    ('{"content": {},\n "deviceid": }', 2, "ce n’est pas du JSON"),
    ('{"deviceid": "x"}', 1, "« content » manque"),
    ('{"content": {"hardware": []}, "deviceid": 3}', 1, "« deviceid » manque"),
    ('{"content": {"hardware": ["x"]}, "deviceid": "x"}', 1, "« hardware » n’est pas un objet"),
    ('{"content": {"networks": {"mac": 1}}, "deviceid": "x"}', 1, "« networks » n’est pas une liste"),
    ('{"content": {"hardware": {"name": "a\\u0007b"}}, "deviceid": "x"}', 1, "« name » n’est pas un texte simple"),
    ("[" * 100, 1, "ce n’est pas du JSON"),
]


@pytest.mark.parametrize(("text", "line", "says"), WRONG, ids=[case[2] for case in WRONG])
def test_a_hostile_inventory_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    read = agents.read(text.encode(), "agent.xml")
    assert read.items == []
    (fault,) = read.faults
    assert (fault.line, says in fault.message) == (line, True), fault


def test_a_file_is_read_by_its_content_and_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text(json.dumps(AGENT))
    (tmp_path / "b.dat").write_text("nom;class\npc-1;computer\n", "utf-8-sig")
    (tmp_path / "lien").symlink_to("/etc/passwd")
    read = read_files([tmp_path / name for name in ("a.txt", "b.dat", "lien", "absent")], None)
    assert [item.cells["name"] for item in read.items] == ["PC-JAU-950", "pc-1"]
    assert [fault.file for fault in read.faults] == ["lien", "absent"]
    monkeypatch.setattr("piste.sites.imports.reading.LARGEST", 10)
    assert "plus de" in str(read_files([tmp_path / "a.txt"], None).faults[0])


def test_two_lines_of_one_asset_are_a_fault_whatever_they_call_it(town: Town) -> None:
    rows = "5CG1;PC;pc-jau-001;HP;ecole-jaures;;;\n5CG2;PC;PC-JAU-001.ad.lebourget.example;HP;ecole-jaures;;;\n"
    steps, faults = listed(LIST + rows, town)
    assert [step.cells["serial"] for step in steps] == ["5CG1"]
    assert faults == ["parc.csv:3 : pc-jau-001 est déjà l’équipement de parc.csv:2. Retirez la ligne de trop."]


def test_a_number_that_is_none_is_neither_written_nor_a_likeness(town: Town) -> None:
    rows = "N/A;PC;neuf-1;;ecole-jaures;;;\nTo be filled by O.E.M.;PC;neuf-2;;ecole-jaures;;;\n"
    steps, faults = listed(LIST + rows, town)
    assert faults == []
    assert outcomes(steps) == [("add", "computer", "neuf-1"), ("add", "computer", "neuf-2")]
    assert all("serial" not in step.cells for step in steps)
    assert "ni nom ni numéro de série" in listed(LIST + "N/A;PC;;;ecole-jaures;;;\n", town)[1][0]


def test_a_table_with_a_byte_order_mark_takes_an_import(tmp_path: Path) -> None:
    table = tmp_path / TOWN / "assets/computer.csv"
    table.parent.mkdir(parents=True)
    table.write_text("\ufeffname,serial,site,state\r\npc-1,,ccas,in_service\r\n", newline="")
    steps = [Step("complete", Item("f", 1, "computer", {}), "computer", "pc-1", {"serial": "S1"})]
    (text,) = files(steps, TOWN, tmp_path).values()
    assert text == "\ufeffname,serial,site,state\r\npc-1,S1,ccas,in_service\r\n"


def test_only_the_lines_of_the_import_change(town: Town, tmp_path: Path) -> None:
    table = tmp_path / TOWN / "assets/computer.csv"
    table.parent.mkdir(parents=True)
    before = 'name,serial,site,state\r\npc-1,inconnu,ccas,in_service\r\n"pc-2",X2,ccas,"in_service"\r\n'
    table.write_text(before, newline="")
    item = Item("f", 1, "computer", {})
    steps = [
        Step("complete", item, "computer", "PC-1", {"serial": "S1"}),
        Step("add", item, "computer", "pc-3", {"name": "pc-3", "site": "ccas", "state": "stock", "maker": "HP, Inc."}),
        Step("same", item, "computer", "pc-2", {"serial": "never"}),
        Step("add", item, "mobile", "tab-1", {"name": "tab-1", "site": "ccas", "state": "stock"}),
    ]
    written = files(steps, TOWN, tmp_path)
    assert [path.name for path in written] == ["computer.csv", "mobile.csv"]
    assert written[TOWN / "assets/computer.csv"] == (
        "name,serial,site,state,maker\r\npc-1,S1,ccas,in_service,\r\n"
        '"pc-2",X2,ccas,"in_service",\r\npc-3,,ccas,stock,"HP, Inc."\r\n'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31/12/2029", "2029-12-31"), ("31.12.2029", "2029-12-31"), ("2029-12-31T00:00:00", "2029-12-31"),
        ("2029/12/31", "2029-12-31"), ("31/02/2029", "31/02/2029"), ("12/31/2029", "12/31/2029"), ("", ""),
        ("99999999999999999999.1.1", "99999999999999999999.1.1"), ("1.2.3", "1.2.3"), ("٣١/12/2029", "٣١/12/2029"),
    ],
)  # fmt: skip
def test_a_day_is_french_or_iso_and_never_guessed(text: str, expected: str) -> None:
    assert day_of(text) == expected


def test_a_mac_address_has_many_forms() -> None:
    forms = ("02-AB-00-00-00-01", "02ab.0000.0001", "02AB00000001", "02:ab:00:00:00:01")
    assert {mac_of(form) for form in forms} == {"02:ab:00:00:00:01"}
    assert mac_of("02:ab:00") == "02:ab:00"
