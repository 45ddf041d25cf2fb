"""Forms of the protection: stores of copies, families of requirements, protected sets."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from .. import values
from ..forms import FamilyName, Form, Marked, NameIn, SiteName
from .derived import Kind, Medium, Part, Reader

StoreId = Annotated[str, AfterValidator(values.label)]
SetId = Annotated[str, AfterValidator(values.label)]
StoreName = Annotated[str, NameIn("protection.stores")]
Term = Annotated[str, AfterValidator(values.category_term)]
Hours = Annotated[int, Field(ge=1, le=100_000)]
Days = Annotated[int, Field(ge=1, le=20_000)]


class BackupStore(Marked):
    """A place of copies.

    `carried_by` names what carries its disks: the cluster, or a machine of it. Its copies are lost with the originals
    of that cluster. `off_site` is a copy outside the town's premises; `max_age_hours` replaces the family's RPO for a
    store that is fed less often. `reader` is the way Piste reads its copies.
    """

    label: str | None = None
    medium: Medium
    site: SiteName | None = None
    carried_by: str | None = None
    off_site: bool = False
    immutable_days: Days | None = None
    max_age_hours: Hours | None = None
    reader: Reader


class ProtectionFamily(Marked):
    """A family of services, and what its copies must be.

    `copies` counts the original (CCTP 3.2.4, schéma 3-2-1). `exempt` is the reason why less than 3-2-1 is enough.
    """

    label: str | None = None
    rpo_hours: Hours
    rto_hours: Hours
    copies: Annotated[int, Field(ge=2, le=9)] = 3
    media: Annotated[int, Field(ge=1, le=9)] = 2
    off_site: Annotated[int, Field(ge=0, le=9)] = 1
    immutable: bool = False
    keep_days: Days = 30
    stores: list[StoreName] = Field(default_factory=list)
    exempt: str | None = None


class ProtectedThing(Marked):
    """A protected set that is no machine of the cluster; a physical server is a `machine`.

    `server` is the machine or the reservation that has it, `path` its place there (a share, a database); `parts` are
    the services of Microsoft 365 or the systems whose configuration is kept. `stores` replaces those of the family.
    """

    kind: Kind
    label: str | None = None
    family: FamilyName
    server: str | None = None
    path: str | None = None
    parts: list[Part] = Field(default_factory=list)
    site: SiteName | None = None
    stores: list[StoreName] | None = None


class Protection(Form):
    """The protection of the town: stores, families, sets."""

    stores: dict[StoreId, BackupStore] = Field(default_factory=dict)
    families: dict[Term, ProtectionFamily] = Field(default_factory=dict)
    sets: dict[SetId, ProtectedThing] = Field(default_factory=dict)
