"""The page that finds things by their names: a list, whole without its script."""

from __future__ import annotations

from collections.abc import Iterator

from piste.dossier.blocks import Cell, Column, Section, Table
from piste.portal.known import Known
from piste.portal.page import Page, Part
from piste.portal.town import in_service, site_path
from piste.sites.kind_words import KINDS
from piste.sites.thing import Thing
from piste.sites.things import things

PATH = "recherche.html"


def page(known: Known) -> Page:
    """Make the page: the sites for the town, every thing for engineers."""
    sites = in_service(known)
    listed = sorted(_unique(known), key=lambda thing: (thing.name.casefold(), thing.kind, thing.owner))
    names = Table.of(
        "things", "Tout ce que la déclaration nomme", listed, lambda thing: f"{thing.kind}/{thing.owner}/{thing.name}",
        (Column("name", "Nom", 2), lambda thing: _named(thing, sites)),
        (Column("kind", "Genre", 1), lambda thing: Cell(KINDS.get(thing.kind, thing.kind))),
        (Column("owner", "Où", 1), lambda thing: Cell(sites[thing.owner]["name"] if thing.owner in sites else "Ville")),
        (Column("words", "Se dit aussi", 3), lambda thing: Cell(", ".join(thing.words) or "—")),
    )  # fmt: skip
    places = Table.of(
        "sites", "Sites", sites.values(), lambda site: site["id"],
        (Column("name", "Nom", 2), lambda site: Cell(site["name"], link=site_path(site["id"]))),
        (Column("category", "Catégorie", 1), lambda site: Cell(site["category_label"])),
    )  # fmt: skip
    return Page(
        PATH,
        "Chercher",
        [Part(Section("sites", "Sites", [places]), "town"), Part(Section("things", "Choses", [names]))],
        menu="Chercher",
        lead="Un nom, une adresse, un numéro de série, une adresse MAC.",
    )


def _unique(known: Known) -> Iterator[Thing]:
    seen = set()
    for thing in things(known.town):
        if (key := (thing.kind, thing.owner, thing.name)) not in seen:
            seen.add(key)
            yield thing


def _named(thing: Thing, sites: object) -> Cell:
    return Cell(thing.name, link=site_path(thing.owner) if thing.owner in sites else None)  # type: ignore[operator]
