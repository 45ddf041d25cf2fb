"""The search of the portal: a small page, and a list for each owner."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from lxml import html

from piste.exports.portal.write import contents
from piste.sites.things import things
from tests.support.dossier import SCHOOL
from tests.support.portal import SITES, few, known

COMMUNE = "commune"
OF_AN_OWNER = 700
"""Most bytes of an owner on the page of the search."""
OF_A_THING = 700
"""Most bytes of a thing on the page of its owner."""


@cache
def files() -> dict[str, bytes]:
    return dict(contents(known(), "engineer"))


def listed(owner: str) -> dict[str, Any]:
    """Read the list of an owner as the script of the search does."""
    text = files()[f"recherche/{owner}.js"].decode()
    read: dict[str, Any] = json.loads(text.removeprefix("addList(").removesuffix(");\n"))
    return read


def count(owner: str) -> int:
    """The things of an owner, each once."""
    return len({(thing.kind, thing.name) for thing in things(few()) if thing.owner == owner})


def test_each_owner_has_a_list_of_its_own_things_alone() -> None:
    for owner in (COMMUNE, *SITES):
        rows = [row for rows in listed(owner)["kinds"].values() for row in rows]
        page = html.fromstring(files()[f"recherche/{owner}.html"].decode())
        assert len(rows) == len(page.xpath("//main//tbody/tr")) == count(owner)


def test_a_list_says_the_words_of_its_page_and_leads_to_its_site() -> None:
    school = listed(SCHOOL)
    assert (school["owner"], school["page"]) == ("École Jean Jaurès", f"sites/{SCHOOL}.html")
    assert "sw-jau-02" in [name for name, _ in school["kinds"]["Commutateur"]]
    assert listed(COMMUNE)["page"] is None


def test_no_page_of_the_search_has_the_things_of_all() -> None:
    sizes = {name: len(content) for name, content in files().items() if name.startswith("recherche")}
    head = len(files()["certificats.html"])
    assert sizes["recherche.html"] < head + OF_AN_OWNER * (len(SITES) + 1)
    for owner in (COMMUNE, *SITES):
        assert sizes[f"recherche/{owner}.html"] < head + OF_A_THING * count(owner)
        assert sizes[f"recherche/{owner}.js"] < sizes[f"recherche/{owner}.html"]


def test_no_list_reaches_another_edition_than_that_of_engineers() -> None:
    for audience in ("public", "town"):
        made = dict(contents(known(), audience))  # type: ignore[arg-type]
        assert [name for name in made if name.startswith("recherche/")] == []
