"""What the documents of a site are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from piste.dossier.tests import Verification
from piste.model import Device, Site


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
    def devices(self) -> list[Device]:
        """What the site has, and what it awaits: that has no serial number yet."""
        return [*self.site["devices"], *self.site["awaited"]]

    def named(self, end: str | None) -> str | None:
        """The other end of a link as people say it."""
        return self.names.get(end or "", end)
