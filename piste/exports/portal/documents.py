"""The pages of the documents that were established, and their files by edition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from piste.exports.portal.filed import FORMS, Filed
from piste.exports.portal.known import Known
from piste.exports.portal.page import Audience, Page, Part
from piste.papers.dossier.blocks import Cell, Column, Section, Table


def table(key: str, caption: str, documents: Sequence[Filed], names: Mapping[str, str] | None = None) -> Table:
    """List documents with links to their forms; `names` are those of their subjects, if several."""

    def about(made: Filed) -> Cell:
        return Cell((names or {}).get(made.subject, made.subject))

    return Table.of(
        key, caption, documents, lambda made: f"{made.subject}/{made.kind}",
        (Column("title", "Document", 3), lambda made: Cell(made.title)),
        *(((Column("about", "De", 2), about),) if names else ()),
        (Column("date", "Du", 2), _date),
        (Column("verdict", "Verdict", 3), lambda made: made.verdict or Cell("—")),
        *((Column(form, form.upper()), _link(form)) for form in FORMS),
        empty="Aucun document n’a été établi : piste dossier.",
    )  # fmt: skip


def page(known: Known) -> Page:
    """Make the page of all documents."""
    town, documents = known.town, known.documents
    names = {name: owner["name"] for name, owner in town.sites.items()}
    parties = {party["id"]: party["label"] for party in (town.commune["third_parties"] if town.commune else ())}
    own = [made for made in documents if made.subject not in (*names, *parties)]
    parts = [
        Part(Section("town", "De la Ville", [table("town", "Ceux de la Ville", own)])),
        Part(Section("parties", "Des tiers", [_of(documents, "parties", "Plans d’interface", parties)])),
        Part(Section("sites", "Des sites", [_of(documents, "sites", "Site par site", names)])),
    ]
    return Page("documents.html", "Documents", parts, menu="Documents")


def _of(documents: Sequence[Filed], key: str, caption: str, names: Mapping[str, str]) -> Table:
    return table(key, caption, [made for made in documents if made.subject in names], names)


def files(documents: Sequence[Filed], audience: Audience) -> Iterator[tuple[str, bytes | None]]:
    """Yield the path and the content of each file, for engineers alone.

    Each says its provenance. A file without content lies beside the portal.
    """
    if audience == "engineer":
        yield from ((made.path(form), content) for made in documents for form, content in made.contents.items())


def _date(made: Filed) -> Cell:
    if made.unsigned:
        return Cell("? ne dit pas sa ville", "doubt")
    return Cell(made.date) if made.date else Cell("? ne se lit pas", "doubt")


def _link(form: str) -> Callable[[Filed], Cell]:
    """Link to a form of a document, named by what it opens."""

    def cell(made: Filed) -> Cell:
        if form not in made.contents:
            return Cell("—")
        return Cell(f"{made.title} ({form.upper()})", link=made.path(form))

    return cell
