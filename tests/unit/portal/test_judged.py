"""The pages of the directory and of the tenant: the town reads a line of each."""

from __future__ import annotations

from functools import cache
from typing import Any

from lxml import html

from piste.engine.finding import Finding
from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience
from piste.readings.belief import Last, Reading, Unread
from piste.readings.directory.findings import level
from piste.readings.tenant.kept import tenant
from piste.readings.tenant.rules import RULES, verdict
from piste.systems.windows.points.table import points, readable
from piste.town.model.dates import now
from tests.support.microsoft import run, simulator
from tests.support.portal import HOSTILE, known, rendered

DIRECTORY, TENANT = "annuaire.html", "locataire.html"


@cache
def read() -> dict[str, Any]:
    return run("microsoft_tenant", simulator(licence="P1"))


def facts(**changed: Any) -> Known:
    parts: dict[str, Last[Any]] = {name: Reading(rows, now()) for name, rows in {**read()["parts"], **changed}.items()}
    parts |= {name: Unread(why, now()) for name, why in read()["unread"].items()}
    judged = {id_: verdict(rule, tenant(parts)) for id_, rule in RULES.items()}
    bound = level({"vuln_krbtgt-l2": "wrong", **dict.fromkeys(readable().keys() - {"vuln_krbtgt-l2"}, "ok")})
    return known(
        tenant=parts,
        findings=[
            Finding("directory.level", "wrong", f"niveau de sécurité de l’annuaire : {bound.said}"),
            Finding(
                "directory.vuln_krbtgt-l2", "wrong", f"vuln_krbtgt-l2 : vieux mot de passe ({HOSTILE})", "changez-le",
                since="2026-11-20T08:00:00+00:00",
            ),
            Finding("directory.vuln_guest-l2", "ok", "vuln_guest-l2 : aucun"),
            *(Finding(f"tenant.{id_}", state, f"{id_}, {RULES[id_]['title']} : {said}", "proposez")
              for id_, (state, said, _) in judged.items()),
        ],
    )  # fmt: skip


def page(facts: Known, audience: Audience, path: str) -> html.HtmlElement:
    return html.fromstring(rendered(facts, audience, path)[path].decode())


def section(made: html.HtmlElement, key: str) -> str:
    (titled,) = made.xpath(f"//*[@id='{key}']")
    return " ".join(titled.xpath("ancestor-or-self::section[1]")[0].text_content().split())


def test_the_level_is_a_bound_and_points_are_by_level_with_since_and_cure() -> None:
    made = page(facts(), "engineer", DIRECTORY)
    assert "au mieux 2 ; " in section(made, "level").replace("\u00a0", " ").replace("\u202f", " ")
    two = section(made, "level2")
    assert all(words in two for words in ("vuln_krbtgt-l2", HOSTILE, "20/11/2026", "changez-le", "vuln_guest-l2"))
    assert two.index("vuln_krbtgt-l2") < two.index("vuln_guest-l2")
    unread = section(made, "unread")
    assert all(id_ in unread for id_ in points().keys() - readable().keys())


def test_roles_factors_and_licences_are_named_and_what_is_unread_is_unknown() -> None:
    made = page(facts(), "engineer", TENANT)
    roles = section(made, "roles")
    assert "Global Administrator" in roles
    assert "j.martin@lebourget.example" in roles
    assert "Inconnu : demande Microsoft Entra ID P2." in roles.replace("\u00a0", " ").replace("\u202f", " ")
    factors = section(made, "factors")
    assert "secours@" in factors
    assert "agents" in factors
    assert "agent1" not in factors
    licences = {row["sku"]: row for row in read()["parts"]["licences"]}
    shown = section(made, "licences")
    assert all(sku in shown and str(row["used"]) in shown for sku, row in licences.items())
    rules = section(made, "rules")
    assert all(id_ in rules for id_ in RULES)


def test_the_town_reads_a_line_each_and_no_name() -> None:
    for path, key in ((DIRECTORY, "level"), (TENANT, "state")):
        made = page(facts(), "town", path)
        assert len(made.xpath("//main//section")) == 1, path
        assert section(made, key)
        assert "j.martin" not in made.text_content()
        assert "vuln_" not in made.text_content()
        assert path not in rendered(facts(), "public", path)


def test_a_part_that_makes_no_sense_leaves_the_page_and_says_it() -> None:
    made = page(facts(licences=[{"sku": "sans le reste"}]), "engineer", TENANT)
    assert "Inconnu : n’a pas pu être lu." in made.text_content().replace("\u00a0", " ").replace("\u202f", " ")


def test_what_was_never_read_says_which_command_reads_it() -> None:
    for path, verb in ((DIRECTORY, "piste read directory"), (TENANT, "piste read tenant")):
        assert verb in page(known(), "engineer", path).text_content()
        assert "Rien n’attend" not in page(known(), "engineer", path).text_content()
        (said,) = page(known(), "town", path).xpath('//p[contains(@class, "verdict")]')
        assert said.get("class") == "verdict doubt"
        assert "Inconnu" in (said.text or "")
