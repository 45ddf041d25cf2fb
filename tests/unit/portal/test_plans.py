"""The last plans on the portal: counts, states, what they do to people, for engineers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import html

from piste.commands.consequences import say_consequences, say_plan
from piste.exports.portal.known import consequences_of
from piste.exports.portal.page import AUDIENCES
from piste.exports.portal.write import contents
from piste.runs.plans.listed import Listed
from tests.support.dossier import SCHOOL
from tests.support.portal import HOSTILE, known, record, rendered
from tests.unit.consequences.changes import changed, plan, town
from tests.unit.plans.plans import operation


def kept(created: str, limit: str, *operations: dict[str, Any]) -> dict[str, Any]:
    return {"created": created, "limit": limit, "operations": [*operations]}


PLANS = [
    Listed("20261128T050000Z-0a1b2c", "to_apply", "cdiallo", kept("2026-11-28T05:00:00+00:00", SCHOOL,
           operation("Borne", psk="Tr0ub4dor"), operation("Wi-Fi", "create", "mediatheque"))),
    Listed("20261127T050000Z-0a1b2c", "applied", HOSTILE, kept("2026-11-27T05:00:00+00:00", "mediatheque",
           operation(owner="mediatheque")), record(outcome="unknown")),
    Listed("20261126T050000Z-0a1b2c", "unreadable"),
]  # fmt: skip


def rows(page: str) -> list[list[str]]:
    made = rendered(known(plans=PLANS), "engineer", page)[page].decode()
    assert "<script>alert" not in made
    every = html.fromstring(made).xpath("//section[.//h2[contains(., 'lans')]]//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in every]


def test_the_journal_has_every_plan_and_a_site_those_that_change_it() -> None:
    first, second, third = rows("journal.html")
    said = ["cdiallo", "1 création, 1 modification", "École Jean Jaurès", "○ à appliquer"]
    assert first == ["28/11/2026 à 06:00", *said, PLANS[0].id]
    assert second[4] == "✗ appliqué le 27/11/2026 à 06:00 : sans réponse"
    assert (third[0], third[4]) == ("—", "? ne se lit pas")
    assert [(row[2], row[5]) for row in rows(f"sites/{SCHOOL}.html")] == [("1 modification", PLANS[0].id)]
    assert [row[2] for row in rows("sites/mediatheque.html")] == ["1 création", "1 modification"]


def test_no_other_edition_has_a_plan_and_none_has_a_value() -> None:
    for audience in AUDIENCES:
        shown = b"".join(content for _, content in contents(known(plans=PLANS), audience)).decode()
        assert ("20261128T050000Z" in shown) == (audience == "engineer")
        assert "Tr0ub4dor" not in shown


DESK = "QZZZ-0005-0001/5"
TITLES = {
    "playbooks/site.yml": "Ce que cela fait aux personnes",
    "playbooks/drift.yml": "Ce que ces écarts font aux personnes",
}


def said(printed: str, title: str) -> list[str]:
    """List the lines that a command prints below a title."""
    lines = printed.partition(f"\n{title} :\n")[2].partition("\n\n")[0].splitlines()
    return [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize("playbook", TITLES)
def test_a_plan_an_application_and_the_portal_say_the_same_words(
    playbook: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("PISTE_LAB_DIR", "PISTE_JOURNAL_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    moved = changed("meraki_switch_ports", SCHOOL, DESK, lambda port: port.update(vlan=155))
    made = {**plan(moved, playbook=playbook), "seal": "0" * 64}
    say_plan(made)
    printed = said(capsys.readouterr().out, TITLES[playbook])
    listed = Listed(made["id"], "to_apply", "cdiallo", made)
    facts = known(plans=[listed], consequences=consequences_of([listed], town(), []))
    page = html.fromstring(rendered(facts, "engineer", "journal.html")["journal.html"].decode())
    (table,) = page.xpath(f"//table[.//th[contains(., '{TITLES[playbook]}')]]")
    head, *body = [" ".join(row.text_content().split()) for row in table.xpath(".//tr")]
    assert (head, body) == (TITLES[playbook], printed)
    assert len(printed) > 1
    say_consequences(made)
    applied = said(capsys.readouterr().out, TITLES["playbooks/site.yml"])
    assert (applied == printed) is (playbook == "playbooks/site.yml")


def test_a_plan_of_another_declaration_has_no_consequences_of_this_one() -> None:
    moved = changed("meraki_switch_ports", SCHOOL, DESK, lambda port: port.update(vlan=155))
    stale = {**plan(moved), "declaration": "other"}
    assert consequences_of([Listed("x", "stale", "", stale), Listed("y", "unreadable")], town(), []) == {}
