"""The last plans on the portal: counts and states for engineers, no value."""

from __future__ import annotations

from lxml import html

from piste.exports.portal.write import contents
from piste.runs.plans.listed import Listed
from tests.support.dossier import SCHOOL
from tests.support.portal import HOSTILE, known, record, rendered
from tests.unit.plans.plans import operation

PLANS = [
    Listed("20261128T050000Z-0a1b2c", "to_apply", "cdiallo", "2026-11-28T05:00:00+00:00", SCHOOL,
           (operation("Borne", psk="Tr0ub4dor"), operation("Wi-Fi", "create", "mediatheque"))),
    Listed("20261127T050000Z-0a1b2c", "applied", HOSTILE, "2026-11-27T05:00:00+00:00", "mediatheque",
           (operation(owner="mediatheque"),), record(outcome="unknown")),
    Listed("20261126T050000Z-0a1b2c", "unreadable"),
]  # fmt: skip


def rows(page: str) -> list[list[str]]:
    made = rendered(known(plans=PLANS), "engineer", page)[page].decode()
    assert "<script>alert" not in made
    every = html.fromstring(made).xpath("//section[.//h2[contains(., 'lans')]]//tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in every]


def test_the_journal_has_every_plan_and_a_site_those_that_change_it() -> None:
    first, second, third = rows("journal.html")
    assert first == ["28/11/2026 à 06:00", "cdiallo", "+1 ~1", SCHOOL, "○ à appliquer", PLANS[0].id]
    assert second[4] == "✗ appliqué le 27/11/2026 à 06:00 : sans réponse"
    assert (third[0], third[4]) == ("—", "? ne se lit pas")
    assert [(row[2], row[5]) for row in rows(f"sites/{SCHOOL}.html")] == [("~1", PLANS[0].id)]
    assert [row[2] for row in rows("sites/mediatheque.html")] == ["+1", "~1"]


def test_no_other_edition_has_a_plan_and_none_has_a_value() -> None:
    for audience in ("engineer", "town", "public"):
        shown = b"".join(content for _, content in contents(known(plans=PLANS), audience)).decode()  # type: ignore[arg-type]
        assert ("20261128T050000Z" in shown) == (audience == "engineer")
        assert "Tr0ub4dor" not in shown
