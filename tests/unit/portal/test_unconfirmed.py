"""Unconfirmed values: not in the edition for all, marked in that of the town."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest
from lxml import html
from pydantic import BaseModel

from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience
from piste.exports.portal.write import contents
from piste.town.model.accessibility import AccessibilityAudit
from tests.support.dossier import town as whole_town
from tests.support.portal import few, known, rendered
from tests.support.sobriety_years import readings

AUDIT = AccessibilityAudit(by="un auditeur", made_on="2026-06-01", rgaa="4.1", conforming=59, applicable=60)
PRINTED = re.compile(r".*[ @:/].*|\d\d:\d\d")
"""Texts of an unconfirmed value that a page prints as they are; the others are names and words of a list."""


@cache
def facts() -> Known:
    """The whole town with a reading of its figures and an audit that nobody confirmed."""
    town = whole_town()
    assert town.accessibility
    audited = town.accessibility.model_copy(update={"audit": AUDIT, "contact": "acces@exemple.fr"})
    return known(town=replace(town, accessibility=audited), sobriety=readings(2)[-1], unread={})


def pages(of: Known, audience: Audience) -> dict[str, str]:
    return {name: page.decode() for name, page in contents(of, audience) if name.endswith(".html")}


@cache
def declared(audience: Audience) -> dict[str, str]:
    return pages(facts(), audience)


def shown(of: Known, audience: Audience, page: str) -> str:
    """Give the text of a page, rendered alone."""
    return text(rendered(of, audience, page)[page].decode())


def text(page: str) -> str:
    return " ".join(" ".join(html.fromstring(page).itertext()).split())


def children(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return dict(enumerate(value)) if isinstance(value, (list, tuple, set, frozenset)) else {}


def texts(value: Any, *, doubted: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield each text of the declaration, and whether it is of a value to confirm."""
    own = children(value)
    doubted = doubted or own.get("status") == "to_confirm"
    if isinstance(value, str):
        yield value, doubted
    for item in own.values():
        yield from texts(item, doubted=doubted)


def changed(value: Any, *, doubted: bool = False) -> Any:
    """Copy facts with another value in each unconfirmed place that the public pages could print."""
    own = children(value)
    doubted = doubted or own.get("status") == "to_confirm"
    if isinstance(value, str):
        return f"{value}9" if doubted and PRINTED.fullmatch(value) else value
    if isinstance(value, (int, float)):
        return value + 1 if doubted and not isinstance(value, bool) else value
    made = {name: changed(item, doubted=doubted) for name, item in own.items()}
    if isinstance(value, BaseModel):
        return value.model_copy(update=made)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(made.values())
    if isinstance(value, dict):
        return made
    return replace(value, **made) if is_dataclass(value) and not isinstance(value, type) and made else value


def test_no_text_to_confirm_is_in_the_edition_for_all() -> None:
    every = [*texts(facts().town)]
    reading = facts().sobriety
    assert reading
    # The words of a page are no values: a note may say the title of its figure again.
    known_words = {given for given, doubted in every if not doubted} | {made.title for made in reading.figures}
    confirmed, waiting = "\n".join(known_words), {given for given, doubted in every if doubted}
    unconfirmed = {given for given in waiting if PRINTED.fullmatch(given) and given not in confirmed}
    assert len(unconfirmed) > 1000
    said = " ".join(map(text, declared("public").values()))
    assert sorted(given for given in unconfirmed if given in said) == []


def test_another_value_to_confirm_changes_nothing_in_the_edition_for_all() -> None:
    town, reading = facts().town, facts().sobriety
    assert reading
    sites: Any = {name: {**site, "opening_hours": changed(site["opening_hours"])} for name, site in town.sites.items()}
    other = replace(
        facts(),
        town=replace(town, sites=sites, accessibility=changed(town.accessibility)),
        sobriety=replace(
            reading, figures=[replace(figure, target=changed(figure.target)) for figure in reading.figures]
        ),
    )
    assert pages(other, "public") == declared("public")
    for page in ("index.html", "accessibilite.html"):
        assert shown(other, "town", page) != shown(facts(), "town", page)


def test_an_estimate_on_example_factors_is_not_in_the_edition_for_all() -> None:
    reading = facts().sobriety
    assert reading
    made = [replace(figure, value=4321.0, method="estimated") for figure in reading.figures]
    given = replace(facts(), sobriety=replace(reading, figures=made))
    assert "4 321" not in shown(given, "public", "sobriete.html").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "4 321" in shown(given, "town", "sobriete.html").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("audience", ["public", "town"])
def test_hours_are_those_of_computers_and_say_that_they_are_to_confirm(audience: Audience) -> None:
    page = shown(known(), audience, "index.html")
    assert "Heures d’ouverture" not in page
    assert "Heures des ordinateurs" in page
    said = "pas encore confirmé" if audience == "public" else "de 07:00 à 18:30 (à confirmer)"
    assert said in page


def test_a_column_in_which_nothing_is_confirmed_is_said_once_to_everybody() -> None:
    page = html.fromstring(rendered(facts(), "public", "sobriete.html")["sobriete.html"].decode())
    (aimed,) = page.xpath('//table[starts-with(caption, "Face aux cibles")]')
    assert aimed.xpath(".//thead//th/text()") == ["Indicateur", "Valeur", "Nature"]
    assert aimed.findtext("caption").endswith("(pas encore confirmé\N{NO-BREAK SPACE}: cible, verdict)")
    assert all(len(row) == 3 for row in aimed.iter("tr"))
    wide = html.fromstring(rendered(facts(), "town", "sobriete.html")["sobriete.html"].decode())
    assert wide.xpath('//table[caption="Face aux cibles"]//thead//th[last()]/text()') == ["Verdict"]


def test_hours_that_nobody_declared_are_not_confirmed() -> None:
    town = few()
    sites: Any = {name: {**site, "opening_hours": None} for name, site in town.sites.items()}
    page = shown(known(town=replace(town, sites=sites)), "public", "index.html")
    assert "pas encore confirmées : Hôtel de ville, École Jean Jaurès" in page


def test_confirmed_hours_are_for_everybody() -> None:
    town = few()
    hours = {"days": ["monday"], "start": "07:10", "end": "18:40", "status": "validated"}
    sites: Any = {name: {**site, "opening_hours": hours} for name, site in town.sites.items()}
    page = shown(known(town=replace(town, sites=sites)), "public", "index.html")
    assert "lundi, de 07:10 à 18:40" in page
    assert "confirm" not in page


@pytest.mark.parametrize("statuses", [("to_confirm", "validated"), ("validated", "to_confirm")])
def test_an_unconfirmed_audit_makes_no_page_conform_for_everybody(statuses: tuple[str, str]) -> None:
    town = facts().town
    assert town.accessibility
    audit = AUDIT.model_copy(update={"status": statuses[1]})
    audited = town.accessibility.model_copy(update={"status": statuses[0], "audit": audit})
    given = replace(facts(), town=replace(town, accessibility=audited))
    page = shown(given, "public", "accessibilite.html")
    assert "Les pages sont non conformes au RGAA." in page
    assert "n’est pas encore confirmée" in page
    assert "Défenseur des droits" in page
    wide = shown(given, "town", "accessibilite.html")
    assert "en conformité partielle au RGAA. Cette déclaration est à confirmer." in wide
