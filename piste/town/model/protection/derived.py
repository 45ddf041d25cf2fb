"""The derived protection: stores, families, and every protected set, machines included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from ..declaration import Declaration
    from . import form

VARIABLE = "protection"
"""The variable of the town that declares the protection."""
Medium = Literal["hci", "disk", "tape", "object", "cloud"]
Reader = Literal["prism", "veeam", "restic", "report", "configurations"]
Kind = Literal["machine", "share", "database", "directory", "configurations", "microsoft365"]
"""Kinds of protected sets; the machines of the cluster come from the hosting."""
Part = Literal[
    "mail", "onedrive", "sharepoint", "teams",
    "meraki", "nexus", "smc", "gpo", "nps", "dns", "dhcp", "prism", "glpi", "zabbix",
]  # fmt: skip


class Store(TypedDict):
    """A place of copies.

    `carrier` names the cluster whose disks have the copies; None where no declared cluster has them. `max_age_hours`
    None: the RPO of each family.
    """

    name: str
    label: str
    medium: Medium
    carrier: str | None
    site: str | None
    off_site: bool
    immutable_days: int | None
    max_age_hours: int | None
    reader: Reader
    status: str | None


class Requirement(TypedDict):
    """Demands on the copies of a family; `copies` counts the original."""

    copies: int
    media: int
    off_site: int
    immutable: bool
    keep_days: int
    exempt: str | None


class ProtectionFamily(TypedDict):
    """A family of services: delays in hours, stores by name."""

    name: str
    label: str
    rpo_hours: int
    rto_hours: int
    requirement: Requirement
    stores: list[str]
    status: str | None


class ProtectedSet(TypedDict):
    """A protected set: a machine, a share, a directory, configurations…

    `owner` is the town, or the site that has it; `site` where the original lies; `medium` and `carrier` what the
    original lies on. `source` is the declared place (`file:line`). `address` is that of the server, where reserved.
    """

    name: str
    label: str
    kind: Kind
    family: str
    family_label: str
    owner: str
    site: str | None
    server: str | None
    address: str | None
    path: str | None
    parts: list[str]
    medium: str
    carrier: str | None
    source: str
    rpo_hours: int
    rto_hours: int
    stores: list[str]
    requirement: Requirement
    status: str | None


class TownProtection(TypedDict):
    """The protection of the town."""

    stores: list[Store]
    families: list[ProtectionFamily]
    sets: list[ProtectedSet]


_OWN_MEDIA: Mapping[str, str] = {"configurations": "system", "microsoft365": "cloud"}
"""The medium of originals that lie on no server of the town."""


def derive_protection(declaration: Declaration, owner: str, servers: Mapping[str, str]) -> TownProtection:
    """Derive the protection, whose `owner` is the town.

    `servers` gives the address of each reservation. Sets and machines of an unknown family are left out: the rules name
    them.
    """
    town = declaration.town.variables
    declared, hosting = town.protection, town.hosting
    cluster = hosting.cluster if hosting else None
    families = {name: _family(name, entry) for name, entry in declared.families.items()}

    def line(*path: str) -> str:
        mark = declaration.town.where(path)
        return f"{mark.file}:{mark.line}"

    sets: list[ProtectedSet] = []
    for name, machine in town.hosting_machines.items():
        if family := families.get(machine.protection):
            sets.append(
                ProtectedSet(
                    name=name,
                    label=machine.role,
                    kind="machine",
                    owner=owner,
                    site=hosting.site if hosting else None,
                    server=name,
                    address=servers.get(name),
                    path=None,
                    parts=[],
                    medium="hci",
                    carrier=cluster,
                    source=line("hosting_machines", name),
                    stores=family["stores"],
                    status=machine.status,
                    **_required(family),
                )
            )
    for name, entry in declared.sets.items():
        if family := families.get(entry.family):
            carrier = cluster if entry.server in town.hosting_machines else None
            medium = "hci" if carrier else _OWN_MEDIA.get(entry.kind, "disk")
            home = hosting.site if hosting and carrier else None
            sets.append(
                ProtectedSet(
                    name=name,
                    label=entry.label or name,
                    kind=entry.kind,
                    owner=owner,
                    site=entry.site or home,
                    server=entry.server,
                    address=servers.get(entry.server or ""),
                    path=entry.path,
                    parts=[*entry.parts],
                    medium=medium,
                    carrier=carrier,
                    source=line(VARIABLE, "sets", name),
                    stores=family["stores"] if entry.stores is None else [*entry.stores],
                    status=entry.status,
                    **_required(family),
                )
            )
    return TownProtection(
        stores=[
            Store(
                name=name,
                label=entry.label or name,
                medium=entry.medium,
                carrier=carrier_of(entry, cluster, town.hosting_machines),
                site=entry.site,
                off_site=entry.off_site,
                immutable_days=entry.immutable_days,
                max_age_hours=entry.max_age_hours,
                reader=entry.reader,
                status=entry.status,
            )
            for name, entry in declared.stores.items()
        ],
        families=[*families.values()],
        sets=sets,
    )


def carrier_of(store: form.BackupStore, cluster: str | None, machines: Mapping[str, object]) -> str | None:
    """Give the cluster that carries a store, which may be that of the named machine."""
    return cluster if store.carried_by in machines else store.carried_by


def medium_of(medium: str, carrier: str | None) -> str:
    """Give the medium that a copy counts for: the cluster that carries it, else its type."""
    return carrier or medium


def outlives(store: Store, item: ProtectedSet) -> bool:
    """Tell whether the copies of a store outlive the loss of what carries the original."""
    return store["carrier"] is None or store["carrier"] != item["carrier"]


def _family(name: str, entry: form.ProtectionFamily) -> ProtectionFamily:
    return ProtectionFamily(
        name=name,
        label=entry.label or name,
        rpo_hours=entry.rpo_hours,
        rto_hours=entry.rto_hours,
        requirement=Requirement(
            copies=entry.copies,
            media=entry.media,
            off_site=entry.off_site,
            immutable=entry.immutable,
            keep_days=entry.keep_days,
            exempt=entry.exempt,
        ),
        stores=[*entry.stores],
        status=entry.status,
    )


class _Required(TypedDict):
    family: str
    family_label: str
    rpo_hours: int
    rto_hours: int
    requirement: Requirement


def _required(family: ProtectionFamily) -> _Required:
    return _Required(
        family=family["name"],
        family_label=family["label"],
        rpo_hours=family["rpo_hours"],
        rto_hours=family["rto_hours"],
        requirement=family["requirement"],
    )
