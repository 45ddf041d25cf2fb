"""The inventories of a bag that are no hardware: complete, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from piste.engine.cells import write
from piste.exports.bag import schemas
from piste.exports.bag.contents import Contents
from piste.exports.bag.tables import RECORD_TABLES, TABLES
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES
from tests.support.dossier import town

HOSTILE = ('=cmd|"/C calc"!A0', "+1;=2", "\t@SUM(1)", '"; drop', "a,b\nc", "<script>", "{{ 7*7 }}", "–=é")
CONTENTS = Contents({})


def table(name: str, whole: Town | None = None) -> list[dict[str, Any]]:
    (wanted,) = (entry for entry in RECORD_TABLES if entry.name == name)
    names = [column.name for column in wanted.columns]
    return [{key: row.get(key) for key in names} for row in wanted.rows(CONTENTS, whole or town())]


def test_the_five_inventories_of_the_tender_are_in_a_bag() -> None:
    # CCTP 6.3: the CMDB, the hardware, licences and contracts, certificates, accounts and rights.
    wanted = {"assets", "asset_classes", "relations", "licences", "contracts", "accounts", "groups"}
    assert wanted <= {entry.name for entry in TABLES}
    for entry in RECORD_TABLES:
        assert table(entry.name), entry.name


def test_each_row_says_what_is_declared() -> None:
    applications = {row["id"]: row for row in table("applications")}
    assert len(applications) == 46
    assert (applications["acte-etat-civil"]["state"], applications["city-web"]["row"]) == ("decommissioned", 30)
    contracts = {row["id"]: row for row in table("contracts")}
    assert contracts["copieurs"]["covers_classes"] == ["printer/copier"]
    licences = {row["id"]: row for row in table("licences")}
    assert (licences["m365"]["type"], licences["m365"]["seats"], licences["glpi"]["endless"]) == (
        "subscription", 200, True,
    )  # fmt: skip
    parties = {row["id"]: row for row in table("third_parties")}
    assert [parties["ineo"][name] for name in ("contacts", "delays", "escalation", "approved_by")] == [2, 3, 2, None]
    plans = [row for row in table("interface_plans") if row["third_party"] == "ineo"]
    assert [(row["part"], row["rank"]) for row in plans] == [
        ("contacts", 1), ("contacts", 2), ("delays", 1), ("delays", 2), ("delays", 3), ("escalation", 1),
        ("escalation", 2),
    ]  # fmt: skip
    accounts = {row["login"]: row for row in table("accounts")}
    assert accounts["prestataire"]["administers"] == ["smc", "prism"]


def test_every_class_has_its_class_of_itil_and_every_end_of_a_relation_its_class() -> None:
    classes = {row["class"]: row for row in table("itil_classes")}
    assert classes.keys() >= CLASSES.keys()
    assert (classes["application"]["glpi"], classes["switch"]["itil"]) == ("Appliance", "élément réseau")
    assert all(row["itil"] for row in classes.values())
    ends = {row[end] for row in table("relations") for end in ("source_class", "target_class")}
    assert ends - {"supervision"} <= classes.keys()


def test_the_schema_of_each_table_fits_its_rows() -> None:
    for entry in RECORD_TABLES:
        jsonschema.Draft202012Validator(schemas.of_table(entry)).validate(json.loads(json.dumps(table(entry.name))))


def test_a_town_without_its_own_host_has_empty_tables() -> None:
    alone = replace(town(), commune=None)
    assert [entry.name for entry in RECORD_TABLES if table(entry.name, alone)] == ["itil_classes"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_cell_that_no_spreadsheet_runs(text: str, tmp_path: Path) -> None:
    whole = town()
    assert whole.commune is not None
    commune: Any = deepcopy(whole.commune)
    for kind in ("third_parties", "contracts", "licences", "applications", "accounts"):
        for item in commune[kind]:
            item |= {key: text for key, value in item.items() if isinstance(value, str) and key not in ("id", "kind")}
            item |= {key: [text] for key, value in item.items() if isinstance(value, list) and key == "services"}
    for party in commune["third_parties"]:
        for contact in (party["interface"] or {}).get("contacts", ()):
            contact |= dict.fromkeys(("role", "mail", "phone", "hours"), text)
    hostile = replace(whole, commune=commune)
    for entry in RECORD_TABLES:
        names, place = [column.name for column in entry.columns], tmp_path / f"{entry.name}.csv"
        given = table(entry.name, hostile)
        write(place, names, given)
        with place.open(encoding="utf-8", newline="") as stream:
            kept = list(csv.DictReader(stream))
        assert len(kept) == len(given)
        for row in kept:
            assert not [cell for cell in row.values() if cell.lstrip().startswith(("=", "+", "-", "@"))]
