"""The page that finds things by their names: a list, whole without its script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from unicodedata import combining, normalize

from piste.exports.portal.known import Known
from piste.exports.portal.page import Page, Part
from piste.exports.portal.places import in_service, site_path
from piste.papers.dossier.blocks import Cell, Column, Section, Table
from piste.sites.kind_words import KINDS
from piste.sites.thing import Thing
from piste.sites.things import things
from piste.town.model import Site

PATH = "recherche.html"


def page(known: Known) -> Page:
    """Make the page: the sites for the town, every thing for engineers."""
    sites = in_service(known)
    listed = sorted(_unique(known), key=lambda thing: (thing.name.casefold(), thing.kind, thing.owner))
    kinds: dict[str, list[Thing]] = {}
    for thing in listed:
        kinds.setdefault(KINDS.get(thing.kind, thing.kind), []).append(thing)
    places = Table.of(
        "sites", "Sites", sites.values(), lambda site: site["id"],
        (Column("name", "Nom", 3), lambda site: Cell(site["name"], link=site_path(site["id"]))),
        (Column("category", "Catégorie", 1), lambda site: Cell(site["category_label"])),
    )  # fmt: skip
    tables = [_things(kind, kinds[kind], sites) for kind in sorted(kinds, key=_folded)]
    return Page(
        PATH,
        "Chercher",
        [
            Part(Section("sites", "Sites", [places]), "town", only=True),
            Part(Section("things", "Tout ce que la déclaration nomme", tables)),
        ],
        menu="Chercher",
        lead="Un nom, une adresse, un numéro de série, une adresse MAC : écrivez-le en haut de la page.",
    )


def _folded(text: str) -> str:
    """Give the letters of a text without their accents, as a dictionary sorts it."""
    return "".join(letter for letter in normalize("NFD", text.casefold()) if not combining(letter))


def _things(kind: str, things: Sequence[Thing], sites: Mapping[str, Site]) -> Table:
    table = Table.of(
        f"things[{kind}]", f"{kind[:1].upper()}{kind[1:]}", things, lambda thing: f"{thing.owner}/{thing.name}",
        (Column("name", "Nom", 2), lambda thing: _named(thing, sites)),
        (Column("owner", "Où", 3), lambda thing: Cell(sites[thing.owner]["name"] if thing.owner in sites else "Ville")),
        (Column("words", "Se dit aussi", 5), lambda thing: Cell(", ".join(thing.words) or "—")),
    )  # fmt: skip
    return replace(table, folded=True)


def _unique(known: Known) -> Iterator[Thing]:
    seen = set()
    for thing in things(known.town):
        if (key := (thing.kind, thing.owner, thing.name)) not in seen:
            seen.add(key)
            yield thing


def _named(thing: Thing, sites: Mapping[str, Site]) -> Cell:
    return Cell(thing.name, link=site_path(thing.owner) if thing.owner in sites else None)
