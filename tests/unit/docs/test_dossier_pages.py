"""The committed dossiers equal what the declaration gives; none names a person."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase

import pytest

from piste.papers.dossier.asked import demands
from piste.papers.dossier.blocks import gaps
from piste.papers.dossier.document import TOWN_KINDS
from piste.papers.dossier.operations import TITLES, operations, operations_sections
from piste.papers.dossier.operations_text import pages
from piste.papers.dossier.reversibility_plan import read_plan
from piste.papers.dossier.subject import Commune
from piste.town.town import load_town
from tests.support import real_town
from tests.support.dossier import town

DOSSIERS = [name for name in TITLES if name.startswith("exploitation-")]


def test_the_committed_dossiers_are_those_of_the_declaration() -> None:
    with real_town.read() as root:
        written = [*pages(load_town(root / "inventories/town").require())]
        kept = {path.name: path.read_text("utf-8") for path in (root / "docs/exploitation").glob("*.md")}
    assert kept == {page.path.name: page.text for page in written}, "lancez make docs"


@pytest.mark.parametrize(
    ("clause", "names"),
    [
        ("R141", [*DOSSIERS]),
        ("R137", ["architecture"]),
        ("R138", ["catalogue-interfaces"]),
        ("R149", ["catalogue-interfaces"]),
    ],
)
def test_the_clauses_rest_on_documents_that_are_made(clause: str, names: list[str]) -> None:
    made = {f"documents/commune/{kind.name}.pdf" for kind in TOWN_KINDS}
    wanted = [
        pattern
        for asked in (*demands().scope, *demands().deliverables, *demands().criteria)
        if clause in asked.clauses
        for pattern in asked.bag
    ]
    for name in names:
        assert f"documents/commune/{name}.pdf" in wanted
    assert [
        pattern
        for pattern in wanted
        if pattern.startswith("documents/commune/") and not any(fnmatchcase(name, pattern) for name in made)
    ] == []
    assert len(DOSSIERS) == 7


def test_a_dossier_names_no_person_and_no_secret() -> None:
    whole = town()
    assert whole.commune
    nominative = {account["login"] for account in whole.commune["accounts"] if account["kind"] == "nominative"}
    named = {
        contact["name"]
        for party in whole.commune["third_parties"] if party["interface"]
        for contact in party["interface"]["contacts"] if contact["name"]
    }  # fmt: skip
    text = "".join(page.text for page in pages(whole))
    assert nominative
    assert [name for name in nominative | named | set(whole.secret_paths()) if name and name in text] == []


def test_a_name_that_the_town_does_not_declare_is_a_gap() -> None:
    whole = town()
    assert whole.commune
    bare = Commune(replace(whole, commune={**whole.commune, "third_parties": []}), read_plan())
    sections = [*operations_sections(operations("exploitation-reseau")(bare), bare)]
    assert "Par fonction ; le reste est au plan d’interface : ineo, téléphone" in [
        gap.label for gap in gaps(sections).missing
    ]


def test_the_town_declares_each_name_of_the_dossiers() -> None:
    with real_town.read() as root:
        subject = Commune(load_town(root / "inventories/town").require(), read_plan())
    rows = [row for name in TITLES for rows in operations(name)(subject)["tables"].values() for row in rows]
    assert [row for row in rows if len(row) == 1 and "party" not in row] == []


def test_what_a_contract_lacks_is_a_gap() -> None:
    subject = Commune(town(), read_plan())
    sections = [*operations_sections(operations("exploitation-reseau")(subject), subject)]
    (contracts,) = [block for part in sections for block in part.blocks if getattr(block, "key", "") == "contracts"]
    assert {row.cells[1].mark for row in contracts.rows} == {"missing"}  # type: ignore[union-attr]


def test_each_system_that_a_run_needs_is_a_critical_interface() -> None:
    tables = operations("catalogue-interfaces")(Commune(town(), read_plan()))["tables"]
    text = " ".join(str(row["name"]) for row in tables["critical"])
    for system in ("Meraki", "SMC", "Prism", "Annuaire", "Windows", "Nexus", "Zabbix", "GLPI"):
        assert system in text
    assert {row["how"] for row in tables["critical"]} == {"piste doctor --interfaces"}


def test_what_nobody_confirmed_is_marked_and_counted() -> None:
    with real_town.read() as root:
        subject = Commune(load_town(root / "inventories/town").require(), read_plan())
    sections = [*operations_sections(operations("exploitation-glpi")(subject), subject)]
    assert subject.town.commune
    declared = {account["login"]: account["status"] for account in subject.town.commune["accounts"]}
    (accounts,) = [block for part in sections for block in part.blocks if getattr(block, "key", "") == "accounts"]
    assert {row.key: row.status for row in accounts.rows} == {row.key: declared[row.key] for row in accounts.rows}  # type: ignore[union-attr]
    assert "accounts.accounts[glpi]" in [gap.path for gap in gaps(sections).to_confirm]
