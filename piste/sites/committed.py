"""The dossiers that the repository keeps, against what the declaration gives now."""

from __future__ import annotations

from collections.abc import Iterator

from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.papers.dossier.operations_text import Page, pages
from piste.town import declared
from piste.town.derived import derivation
from piste.town.kept import Inputs
from piste.town.model.source import unreadable_because

SUBJECT = "dossiers"


def findings() -> Iterator[Finding]:
    """Judge each dossier: equal to the declaration, whole; unknown where it says *à renseigner*."""
    town = derivation(Inputs(declared.TOWN))
    if town.errors or not town.commune:
        yield Finding(SUBJECT, "unknown", "la déclaration a des erreurs : aucun dossier n’en vient", "piste validate")
        return
    yield from map(_judged, pages(town))


def _judged(page: Page) -> Finding:
    id_, name = f"{SUBJECT}.{page.path.stem}", f"docs/exploitation/{page.path.name}"
    try:
        kept = page.path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Finding(id_, "unknown", f"{name} ne se lit pas : {unreadable_because(error)}", "make docs")
    if kept != page.text:
        return Finding(id_, "wrong", f"{name} n’est pas ce que la déclaration donne", "make docs, puis relisez-le")
    if page.missing:
        said = f"{name} est celui de la déclaration ; {agreed(page.missing, 'champ(s)')} à renseigner"
        return Finding(id_, "unknown", said, "Dites-les dans la déclaration, puis make docs")
    return Finding(id_, "ok", f"{name} est celui de la déclaration")
