"""What documents are made from: a site, or the town itself; and how each is named in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypedDict

from piste.dossier.reversibility_plan import Plan
from piste.dossier.verification_record import Verification
from piste.model import Device, Site, Town


class SiteReference(TypedDict):
    id: str
    name: str
    number: int
    code: str | None


@dataclass(frozen=True, slots=True)
class About:
    """Whom a document is about: `id` is in its reference, `name` in its title, `subtitle` beneath it, `town` signs it.

    `site` goes into its data, where it is about one. `observed` is when it was last tested or read,
    `evidence` the files that prove it.
    """

    id: str
    name: str
    subtitle: str
    town: str
    site: SiteReference | None = None
    observed: str | None = None
    evidence: tuple[Path, ...] = ()


class Told(Protocol):
    """What a document is made from: it knows how it is named."""

    @property
    def about(self) -> About: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A site, the town around it, and its last verification; `names` gives the name of each site by id.

    `evidence` is the folder of the verification.
    """

    site: Site
    town: str
    names: Mapping[str, str]
    verification: Verification | None = None
    evidence: Path | None = None

    @property
    def about(self) -> About:
        site, record, folder = self.site, self.verification, self.evidence
        names = {proof.file for test in record.tests for proof in test.evidence} if record else ()
        return About(
            site["id"],
            site["name"],
            f"{self.town}, {site['category_label'].lower()}, CCTP {site['cctp']}",
            self.town,
            {"id": site["id"], "name": site["name"], "number": site["number"], "code": site["code"]},
            record.ended if record else None,
            tuple(folder / name for name in sorted(names)) if folder else (),
        )

    @property
    def devices(self) -> list[Device]:
        """What the site has, and what it awaits: that has no serial number yet."""
        return [*self.site["devices"], *self.site["awaited"]]

    def named(self, end: str | None) -> str | None:
        """The other end of a link as people say it."""
        return self.names.get(end or "", end)


@dataclass(frozen=True, slots=True)
class Commune:
    """The town itself: all that it declares, and the plan by which it is handed over."""

    town: Town
    plan: Plan

    @property
    def about(self) -> About:
        assert self.town.commune is not None
        return About(self.town.commune["id"], self.town.name, "Informatique de la Ville", self.town.name)
