"""The subjects of documents: a site, or the town itself; and their names in documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypedDict

from piste.papers.dossier.drawn.machines import Placed
from piste.papers.dossier.drawn.panels import PortsRead
from piste.papers.dossier.drawn.reach import Crossing
from piste.papers.dossier.reversibility_plan import Plan
from piste.papers.dossier.verification_record import Verification
from piste.town.model import Device, Site, Town
from piste.town.model.nexus.derived import Nexus


class SiteReference(TypedDict):
    id: str
    name: str
    number: int
    code: str | None


@dataclass(frozen=True, slots=True)
class About:
    """Names of a subject: `id` for the reference, `name` and `subtitle` for the title.

    `town` signs the document. `site` goes into the data of a document about a site. `observed` is the moment of the
    last tests or readings, `evidence` the files that prove them.
    """

    id: str
    name: str
    subtitle: str
    town: str
    site: SiteReference | None = None
    observed: str | None = None
    evidence: tuple[Path, ...] = ()


class Described(Protocol):
    """A subject that knows its names in a document."""

    @property
    def about(self) -> About: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A site, its town, and its last verification; `evidence` is the folder of the verification.

    `names` gives the name of each site by its id; `nexus` are the Nexus switches of the site. `day` is that of the
    declaration: dates before it are over. `ports` are its ports as last read, which the portal alone shows;
    `nexus_ports` those of each Nexus, which has its own moment; `places` are where the things of its drawings lead.
    """

    site: Site
    town: str
    names: Mapping[str, str]
    verification: Verification | None = None
    evidence: Path | None = None
    nexus: Sequence[Nexus] = ()
    day: str = ""
    ports: PortsRead | None = None
    nexus_ports: Mapping[str, PortsRead] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

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
        """The devices of the site, and those that it awaits, without a serial number yet."""
        return [*self.site["devices"], *self.site["awaited"]]

    def named(self, end: str | None) -> str | None:
        """Name the other end of a link: a site by its name, else as declared."""
        return self.names.get(end or "", end)


@dataclass(frozen=True, slots=True)
class Commune:
    """The town itself: its declaration, its plan of reversibility; `day` as for a site.

    `crossings` are the zones that reach zones; for the portal alone, `placed` are the nodes of machines as last read,
    `places` where the sites of its drawings lead.
    """

    town: Town
    plan: Plan
    day: str = ""
    crossings: Sequence[Crossing] = ()
    placed: Placed | None = None
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def about(self) -> About:
        assert self.town.commune is not None
        return About(self.town.commune["id"], self.town.name, "Informatique de la Ville", self.town.name)
