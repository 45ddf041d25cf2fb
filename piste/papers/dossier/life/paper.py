"""A paper of the life of the assets as the subject of a document, and what its forms share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from piste.engine.converge.errors import Misused
from piste.papers.dossier.subject import About, SiteReference
from piste.town.model import Site


@dataclass(frozen=True, slots=True)
class Paper[C]:
    """The content of a paper, and its names.

    `id` names its folder, `name` ends its title; `observed` and `evidence` are those of the tests that it quotes.
    """

    content: C
    id: str
    name: str
    subtitle: str
    town: str
    site: SiteReference | None = None
    observed: str | None = None
    evidence: tuple[Path, ...] = ()

    @property
    def about(self) -> About:
        subtitle = f"{self.town}, {self.subtitle}"
        return About(self.id, self.name, subtitle, self.town, self.site, self.observed, self.evidence)


def content[C](paper: Paper[C]) -> C:
    """Give the data of the document: the content of the paper."""
    return paper.content


def reference_of(site: Site) -> SiteReference:
    return {"id": site["id"], "name": site["name"], "number": site["number"], "code": site["code"]}


DECISIONS: Sequence[str] = ("Prononcé sans réserve", "Prononcé avec réserves", "Refusé")
PARTIES: Sequence[str] = ("Pour la Ville", "Pour le titulaire", "Pour le tiers, s’il y en a un")
AGAIN = "piste verify SITE, puis ce procès-verbal de nouveau"
"""How a reserve on an asset is lifted."""


def folder_of(order: str) -> str:
    """Make a folder's name of an order, whatever it is made of. Raises `Misused`."""
    name = "".join(character if character.isalnum() or character in "-._" else "-" for character in order).strip(".-")
    if not name:
        raise Misused(f"« {order} » ne fait pas un nom de dossier")
    return name[:80]
