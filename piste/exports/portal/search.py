"""The search: a page, and a list of names for each owner, as a page and as a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from unicodedata import combining, normalize

from piste.engine.words import agreed
from piste.exports.portal.known import Known
from piste.exports.portal.page import Page, Part
from piste.exports.portal.places import in_service, site_path
from piste.papers.dossier.blocks import Cell, Column, Section, Table, french
from piste.sites.kind_words import KINDS
from piste.sites.thing import Thing
from piste.sites.things import things
from piste.town.model import Site

PATH, LISTS = "recherche.html", "recherche/"
_TOWN = "Ville"


def pages(known: Known) -> Iterator[Page]:
    """Yield the page of the search, then each list: the sites for the town, all for engineers."""
    sites, lists = in_service(known), _lists(known)
    places = Table.of(
        "sites", "Sites", sites.values(), lambda site: site["id"],
        (Column("name", "Nom", 3), _site),
        (Column("category", "Catégorie", 1), lambda site: Cell(site["category_label"])),
    )  # fmt: skip
    owners = Table.of(
        "owners", "Par site", lists, str,
        (Column("name", "Où", 3), lambda owner: _site(sites[owner]) if owner in sites else Cell(_TOWN)),
        (Column("category", "Catégorie", 2), lambda owner: Cell(_category(owner, sites))),
        (Column("list", "Liste", 1), lambda owner: Cell(agreed(len(lists[owner]), "nom(s)"), link=_path(owner))),
    )  # fmt: skip
    yield Page(
        PATH,
        "Chercher",
        [
            Part(Section("sites", "Sites", [places]), "town", only=True),
            Part(Section("things", "Tout ce que la déclaration nomme", [owners])),
        ],
        menu="Chercher",
        lead="Un nom, une adresse, un numéro de série, une adresse MAC : écrivez-le en haut de la page.",
    )
    for owner, mine in lists.items():
        name = sites[owner]["name"] if owner in sites else _TOWN
        section = Section("things", name, [*_tables(mine, owner if owner in sites else None)])
        yield Page(_path(owner), f"Ce que la déclaration nomme : {name}", [Part(section)], above=PATH)


def script(page: Page) -> bytes:
    """Write a list as the script of the search takes it: the words that its page shows."""
    (part,) = page.parts
    tables = [block for block in part.section.blocks if isinstance(block, Table)]
    links = {row.cells[0].link for table in tables for row in table.rows}
    listed = {
        french(table.caption): [[french(cell.text) for cell in row.cells] for row in table.rows] for table in tables
    }
    given = {"owner": french(part.section.title), "page": next(iter(links), None), "kinds": listed}
    return f"addList({json.dumps(given, ensure_ascii=False, separators=(',', ':'))});\n".encode()


def _path(owner: str) -> str:
    return f"{LISTS}{owner}.html"


def _site(site: Site) -> Cell:
    return Cell(site["name"], link=site_path(site["id"]))


def _category(owner: str, sites: Mapping[str, Site]) -> str:
    return sites[owner]["category_label"] if owner in sites else "—"


def _folded(text: str) -> str:
    """Give the letters of a text without their accents, as a dictionary sorts it."""
    return "".join(letter for letter in normalize("NFD", text.casefold()) if not combining(letter))


def _lists(known: Known) -> dict[str, list[Thing]]:
    """List each thing once by its owner, the town first.

    What no site in service owns is the town's.
    """
    own = known.town.commune["id"] if known.town.commune else "ville"
    lists: dict[str, list[Thing]] = {own: [], **{name: [] for name in in_service(known)}}
    seen = set()
    for thing in things(known.town):
        if (key := (thing.kind, thing.owner, thing.name)) not in seen:
            seen.add(key)
            lists[thing.owner if thing.owner in lists else own].append(thing)
    return {owner: listed for owner, listed in lists.items() if listed}


def _tables(listed: Sequence[Thing], site: str | None) -> Iterator[Table]:
    """Yield a table a kind, by the words of the kinds."""
    kinds: dict[str, list[Thing]] = {}
    for thing in sorted(listed, key=lambda thing: (thing.name.casefold(), thing.kind)):
        kinds.setdefault(KINDS.get(thing.kind, thing.kind), []).append(thing)
    link = site and site_path(site)
    for kind in sorted(kinds, key=_folded):
        table = Table.of(
            f"things[{kind}]", f"{kind[:1].upper()}{kind[1:]}", kinds[kind], lambda thing: thing.name,
            (Column("name", "Nom", 2), lambda thing: Cell(thing.name, link=link)),
            (Column("words", "Se dit aussi", 5), lambda thing: Cell(", ".join(thing.words) or "—")),
        )  # fmt: skip
        yield replace(table, folded=True)
