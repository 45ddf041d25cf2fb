"""The interface plan of a third party, the catalogue of applications: contents and gaps."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
from lxml import html

from piste.engine.cells import cell
from piste.papers.dossier.blocks import Facts, Section, Table
from piste.papers.dossier.document import Document
from piste.papers.dossier.forms import as_page, as_pdf
from piste.papers.dossier.interface_plan import Party
from piste.papers.dossier.subject import Commune
from tests.support.dossier import commune, document, party

HOSTILE = '=cmd|"/C calc"!A0 <script>alert(1)</script> #panic() {{ 7*7 }} *x* $y$ & "z" \u2019é'


def section(made: Document, key: str) -> Section:
    (match,) = (part for part in made.sections if part.key == key)
    return match


def rows(made: Document, key: str) -> list[list[str]]:
    block = next(block for block in section(made, key).blocks if isinstance(block, Table))
    return [[shown.text for shown in row.cells] for row in block.rows]


def facts(made: Document, key: str) -> dict[str, str]:
    block = next(block for block in section(made, key).blocks if isinstance(block, Facts))
    return {fact.key: fact.cell.text for fact in block.facts}


def missing(made: Document) -> list[str]:
    return [gap.path for gap in made.gaps.missing]


def test_a_plan_says_whom_to_call_when_and_what_the_contract_covers() -> None:
    made = document("plan-interface", party("ineo"))
    assert made.title == "Plan d’interface – Ineo"
    assert rows(made, "contacts")[0] == [
        "Supervision des liaisons", "01 00 00 00 03", "supervision@ineo.example", "24 h sur 24", "à confirmer",
    ]  # fmt: skip
    assert [row[:2] for row in rows(made, "delays")][1] == ["Rétablissement d'une liaison", "8 heures"]
    assert [row[:3] for row in rows(made, "escalation")] == [
        ["1", "Responsable de permanence", "4 heures"],
        ["2", "Responsable de compte et DSI", "8 heures"],
    ]
    covered = section(made, "party").blocks[2]
    assert isinstance(covered, Table)
    assert [[shown.text for shown in row.cells] for row in covered.rows] == [["liaisons", "liaisons", "19"]]
    assert missing(made) == [
        "party.contracts[liaisons].reference",
        "party.contracts[liaisons].end",
        "approval.approved_by",
        "approval.approved_on",
    ]


def test_a_supplier_without_a_plan_lacks_all_its_parts() -> None:
    given: Any = {**party().third_party, "interface": None}
    made = document("plan-interface", replace(party(), third_party=given))
    empty = ["shared.shared", "contacts.contacts", "delays.delays", "escalation.escalation"]
    assert set(empty) < set(missing(made))


def test_an_approved_plan_says_by_whom_and_when() -> None:
    entry: Any = deepcopy(party().third_party)
    entry["interface"] |= {"approved_by": "DSI", "approved_on": "2026-12-01"}
    made = document("plan-interface", replace(party(), third_party=entry))
    assert facts(made, "approval") == {"approved_by": "DSI", "approved_on": "01/12/2026"}


def test_the_catalogue_has_the_42_rows() -> None:
    made = document("catalogue-applications", commune())
    assert facts(made, "counts") == {"rows": "42", "live": "41", "products": "40", "on_premise": "11"}
    table = rows(made, "rows")
    assert [row[0] for row in table] == [str(number) for number in range(1, 43)]
    assert table[29][1:6] == ["City Web", "Affaires Générales", "Digitech", "sur place", "en service"]
    assert [table[24][1], table[24][2], table[32][5], table[39][5]] == [
        "Enfance", "Petite enfance", "décommissionnée", "à clarifier",
    ]  # fmt: skip
    # The same for another service is watched there; what is gone is not watched.
    town = commune().town.commune
    assert town is not None
    lacks = {path for path in missing(made) if path.startswith("rows.") and path.endswith(".url")}
    assert lacks
    assert lacks == {
        f"rows.rows[{entry['id']}].url"
        for entry in town["applications"]
        if entry["row"] and entry["hosting"] == "saas" and not entry["url"]
        if entry["state"] != "decommissioned" and not entry["same_as"]
    }


def test_versions_prerequisites_and_ways_back_are_those_of_all_in_use() -> None:
    made = document("catalogue-applications", commune())
    named = [row[0] for row in rows(made, "versions")]
    assert len(named) == 45
    assert "Acte état Civil" not in named
    assert {"Enfance", "Enfance (Petite enfance)", "Microsoft 365"} <= set(named)
    lacks = [path.partition("[")[2] for path in missing(made) if path.startswith("versions.")]
    assert [path for path in lacks if "city-web" in path] == ["city-web].version"]
    # Software that its publisher hosts has no version to read, nor a way back of the town's own.
    assert [path for path in lacks if "syracuse" in path] == ["syracuse].critical", "syracuse].prerequisites"]
    assert [path for path in lacks if "neos" in path] == [
        "neos].critical", "neos].version", "neos].prerequisites", "neos].way_back",
    ]  # fmt: skip


def test_a_sheet_says_where_an_application_on_premise_lives_and_what_it_lacks() -> None:
    made = document("catalogue-applications", commune())
    assert len([part for part in made.sections if part.key.startswith("application-")]) == 12
    sheet = facts(made, "application-city-web")
    assert (sheet["machines"], sheet["flows"]) == ("hdv-ag1 (10.93.2.27)", "postes-applications (https)")
    assert sheet["backup"].replace("\N{NO-BREAK SPACE}", " ") == "applications : RPO 24 h, RTO 24 h"
    assert sheet["needs"] == "hdv-sql1, hdv-dc1"
    assert facts(made, "application-myq")["covered_by"] == "Copieurs, myQ"
    assert [path for path in missing(made) if "application-cam-manager" in path] == ["application-cam-manager.flows"]


def test_hostile_texts_stay_texts_in_every_form() -> None:
    entry: Any = deepcopy(party().third_party)
    entry |= {"label": HOSTILE, "scope": HOSTILE}
    for contact in entry["interface"]["contacts"]:
        contact |= {"role": HOSTILE, "phone": HOSTILE, "hours": HOSTILE}
    entry["interface"] |= {"shared": [HOSTILE], "incidents": HOSTILE, "approved_by": HOSTILE}
    entry["interface"]["delays"][0] |= {"event": HOSTILE, "within": HOSTILE}
    entry["interface"]["escalation"][0] |= {"to": HOSTILE, "after": HOSTILE}
    whole = party().town
    assert whole.commune is not None
    records = deepcopy(whole.commune)
    for kept, names in (("contracts", ("label", "vehicle", "scope", "reference")), ("applications", ("label", "note"))):
        for item in records[kept]:  # type: ignore[literal-required]
            item |= dict.fromkeys(names, HOSTILE)
    for application in records["applications"]:
        application |= {"services": [HOSTILE], "version": HOSTILE, "prerequisites": [HOSTILE], "way_back": HOSTILE}  # type: ignore[misc]
    town = replace(whole, commune=records)
    plan = document("plan-interface", Party(entry, town))
    listed = document("catalogue-applications", Commune(town, commune().plan))
    for made in (plan, listed):
        page = as_page(made)
        assert "<script" not in page
        assert "alert(1)" in html.fromstring(page).text_content()
        with pikepdf.open(BytesIO(as_pdf(made))) as pdf:
            attached = json.loads(pdf.attachments[f"{made.name}.json"].get_file().read_bytes())
        assert HOSTILE in json.dumps(attached, ensure_ascii=False).replace('\\"', '"')
    assert cell(HOSTILE).startswith("'=")
