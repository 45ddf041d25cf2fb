"""The derived town: plain data that can be kept, and read again without any form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import secrets

if TYPE_CHECKING:
    from .assets.derived import Asset
    from .faults import Fault
    from .firmware import Approved
    from .protection.derived import ProtectedSet
    from .site import Commune, Site


@dataclass(frozen=True, slots=True)
class Derived:
    """The town itself and its sites, as derived from an inventory.

    `sites` is keyed by site id and includes planned sites. `sites` and `commune`, what belongs to the town itself, are
    usable only where no fault is an error. `retention_months` is the time that records of runs are kept, None where the
    town's own variables cannot be used. `digest` changes with any declared value, not with comments; `town_digest`
    leaves out the values that an environment adds. `firmware` has the approved versions.
    """

    faults: list[Fault]
    digest: str
    town_digest: str
    sites: dict[str, Site] = field(default_factory=dict)
    commune: Commune | None = None
    retention_months: int | None = None
    firmware: dict[str, Approved] = field(default_factory=dict)

    @property
    def owners(self) -> dict[str, Site | Commune]:
        """All owners of objects, by name: the town itself, then its sites."""
        return {**({self.commune["id"]: self.commune} if self.commune else {}), **self.sites}

    @property
    def assets(self) -> list[Asset]:
        """The assets of the town: what it owns, whatever declares it."""
        return [asset for owner in self.owners.values() for asset in owner["assets"]]

    @property
    def protection(self) -> list[ProtectedSet]:
        """The protected sets of the town, machines included."""
        return self.commune["protection"]["sets"] if self.commune else []

    @property
    def errors(self) -> list[Fault]:
        """The faults that forbid any request."""
        return [item for item in self.faults if item.severity == "error"]

    def secret_paths(self, *, planned: bool = False) -> list[str]:
        """List the secret paths of the sites in service; with `planned`, of planned sites too."""
        wanted = ("open", "closing", "planned") if planned else ("open", "closing")
        sites: Iterable[object] = [site for site in self.sites.values() if site["lifecycle"] in wanted]
        town = [self.commune[part] for part in ("access", "dhcp", "supervision")] if self.commune else []
        return sorted(set(secrets.paths([*sites, *town])))
