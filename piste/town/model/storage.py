"""Storage on file shares: targets, retention by kind of data; form, derivation, rules.

CCTP 4.4.2 and 4.4.6: duplicate and cold data on the targeted shares, and a differentiated retention, documented and
applied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .forms import Date, FamilyName, Form, Marked, NameIn
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration
    from .view import View

Text = Annotated[str, Field(min_length=1)]
TargetName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
RetentionName = Annotated[str, AfterValidator(values.label)]
_REFUSED = r'\\/:*?"<>|\x00-\x1f'
ShareName = Annotated[
    str, AfterValidator(values.matching(rf"[^{_REFUSED}]{{1,80}}", "un nom de partage"))
]
"""The name of a share (MS-FSCC 2.1.6); a hidden share ends with `$`."""
FolderPath = Annotated[
    str,
    AfterValidator(
        values.matching(
            rf"(?!(?:.*/)?\.{{1,2}}(?:/|$))[^{_REFUSED}]+(/[^{_REFUSED}]+)*",
            "un dossier du partage, avec des « / »",
        )
    ),
]
"""A folder below a share, with `/`; it never goes up."""
ColdBy = Literal["written", "accessed"]


class DeclaredRetention(Marked):
    """A class of retention: how long a kind of data stays, and on whose decision.

    `applied` says how, since when; absent, the class is a decision that nothing carries out. `brought_back` says where
    data that left comes back from.
    """

    label: Text
    keep_months: Annotated[int, Field(ge=0, le=1200)]
    then: Literal["delete", "archive", "review"]
    basis: Text | None = None
    decided_by: Text | None = None
    decided_on: Date | None = None
    applied: Text | None = None
    applied_on: Date | None = None
    brought_back: Text | None = None


class Exclusion(Form):
    """A folder that is not even listed, and the reason."""

    path: FolderPath
    why: Text


class DeclaredShare(Marked):
    """A targeted share, or a folder of it (`path`).

    `levels` are the levels of folders that reports may name: 0 for a share whose folders are people.
    """

    label: Text
    server: str
    share: ShareName
    path: FolderPath | None = None
    owner: Text
    family: FamilyName
    retention: list[Annotated[RetentionName, NameIn("storage")]] = Field(default_factory=list)
    levels: Annotated[int, Field(ge=0, le=2)] = 1
    exclude: list[Exclusion] = Field(default_factory=list)


class ScanLimits(Form):
    """Limits of a scan: listings and MiB a second, minutes of a run."""

    listings_per_second: Annotated[int, Field(ge=1, le=10_000)] = 50
    mib_per_second: Annotated[int, Field(ge=1, le=10_000)] = 20
    minutes: Annotated[int, Field(ge=1, le=1440)] = 240


class Storage(Marked):
    """Targeted shares and their retention.

    `cold_days`: data is cold when nobody has written it for that long; with `cold_by: accessed`, nor read it.
    `duplicates_from_kib`: smaller files are never compared.
    """

    cold_days: Annotated[int, Field(ge=30, le=7300)]
    cold_by: ColdBy = "written"
    duplicates_from_kib: Annotated[int, Field(ge=0, le=1_048_576)] = 64
    limits: ScanLimits = Field(default_factory=ScanLimits)
    retention: dict[RetentionName, DeclaredRetention] = Field(default_factory=dict)
    shares: dict[TargetName, DeclaredShare] = Field(default_factory=dict)


class TargetedShare(TypedDict):
    """A targeted share; `address` is that of the server, where it has a reservation.

    `retention_applied_on` is the day of the last of its classes to be applied.
    """

    name: str
    label: str
    server: str
    address: str | None
    share: str
    path: str
    owner: str
    family: str
    levels: int
    excluded: list[dict[str, str]]
    retention: list[str]
    retention_applied: bool
    retention_applied_on: str | None
    retention_why: str
    status: str | None


class TownStorage(TypedDict):
    """The targeted shares of the town, and how they are read."""

    cold_days: int
    cold_by: ColdBy
    duplicates_from_kib: int
    limits: dict[str, int]
    shares: list[TargetedShare]
    status: str | None


def derive_storage(declaration: Declaration, servers: Mapping[str, str]) -> TownStorage | None:
    """Derive the targeted shares; `servers` gives the address of each reservation by name."""
    declared = declaration.town.variables.storage
    if declared is None:
        return None
    return TownStorage(
        cold_days=declared.cold_days,
        cold_by=declared.cold_by,
        duplicates_from_kib=declared.duplicates_from_kib,
        limits=declared.limits.model_dump(),
        shares=[_share(name, entry, declared, servers) for name, entry in declared.shares.items()],
        status=declared.status,
    )


def _share(name: str, entry: DeclaredShare, declared: Storage, servers: Mapping[str, str]) -> TargetedShare:
    why = _not_applied(entry, declared.retention)
    return TargetedShare(
        name=name,
        label=entry.label,
        server=entry.server,
        address=servers.get(entry.server),
        share=entry.share,
        path=entry.path or "",
        owner=entry.owner,
        family=entry.family,
        levels=entry.levels,
        excluded=[exclusion.model_dump() for exclusion in entry.exclude],
        retention=list(entry.retention),
        retention_applied=not why,
        retention_applied_on=None if why else max(declared.retention[it].applied_on or "" for it in entry.retention),
        retention_why=why,
        status=entry.status,
    )


def _not_applied(entry: DeclaredShare, classes: Mapping[str, DeclaredRetention]) -> str:
    """Give the reason why retention is not documented and applied; empty if it is."""
    if not entry.retention:
        return "aucune classe de rétention"
    for name in entry.retention:
        retention = classes.get(name)
        if retention is None:
            return f"{name} : classe inconnue"
        if not (retention.decided_by and retention.decided_on):
            return f"{name} : décision sans auteur ou sans date"
        if not (retention.applied and retention.applied_on):
            return f"{name} : décidée, pas appliquée"
        if "to_confirm" in (retention.status, entry.status):
            return f"{name} : valeur d’exemple, à confirmer"
    return ""


def check_storage(view: View) -> None:
    """M340 to M344, M377: known servers, classes, families; no share twice; decisions first."""
    town = view.declared.town
    storage = town.variables.storage
    if storage is None:
        return
    for name, retention in storage.retention.items():
        path = f"storage.retention[{name}]"
        if retention.applied and retention.then != "review" and not retention.brought_back:
            mark = town.where(("storage", "retention", name, "applied"), ("storage", "retention", name))
            view.faults.add("PISTE-M377", path, mark, f"{name} : appliquée, et rien ne dit d’où reviennent les données")
        for message in _undecided(retention):
            mark = town.where(("storage", "retention", name, "applied"), ("storage", "retention", name))
            view.faults.add("PISTE-M344", path, mark, f"{name} : {message}")
    families = town.variables.protection.families
    for name, entry in storage.shares.items():
        path, where = f"storage.shares[{name}]", ("storage", "shares", name)
        if view.declared.complete and entry.server not in view.servers and "." not in entry.server:
            message = f"Le serveur « {entry.server} » n’a de réservation dans aucun segment"
            advice = closest(entry.server, view.servers)
            view.faults.add("PISTE-M340", f"{path}.server", town.where((*where, "server")), message, advice)
        for rank, retained in enumerate(entry.retention):
            if retained not in storage.retention:
                message = f"{name} : la classe de rétention « {retained} » n’est pas déclarée"
                advice = closest(retained, storage.retention)
                mark = town.where((*where, "retention", rank), (*where, "retention"))
                view.faults.add("PISTE-M342", f"{path}.retention[{rank}]", mark, message, advice)
        if entry.family not in families:
            message = f"{name} : la famille de sauvegarde « {entry.family} » n’est pas déclarée"
            advice = closest(entry.family, families)
            view.faults.add("PISTE-M342", f"{path}.family", town.where((*where, "family")), message, advice)
        if not entry.retention:
            view.faults.add("PISTE-M343", path, town.where(where), f"{name} n’a aucune classe de rétention")
    for first, second in _overlaps(storage.shares):
        message = f"{second} est compté aussi dans {first}"
        view.faults.add("PISTE-M341", f"storage.shares[{second}]", town.where(("storage", "shares", second)), message)


def _undecided(retention: DeclaredRetention) -> Iterator[str]:
    if not retention.applied:
        return
    if not (retention.decided_by and retention.decided_on):
        yield "appliquée sans que l’on sache qui l’a décidée, ou quand"
    elif retention.applied_on and retention.applied_on < retention.decided_on:
        yield f"appliquée le {retention.applied_on}, avant sa décision du {retention.decided_on}"


def _overlaps(shares: Mapping[str, DeclaredShare]) -> Iterator[tuple[str, str]]:
    """Pair the targets that count a folder twice; the first is the wider."""
    entries = [*shares.items()]
    for rank, (name, entry) in enumerate(entries):
        for other, second in entries[rank + 1 :]:
            if (entry.server.casefold(), entry.share.casefold()) != (second.server.casefold(), second.share.casefold()):
                continue
            wider = _counts(entry, parts(second.path))
            if wider or _counts(second, parts(entry.path)):
                yield (name, other) if wider else (other, name)


def parts(path: str | None) -> list[str]:
    """Split a folder path, without regard to case: names of Windows have none."""
    return [part.casefold() for part in (path or "").split("/") if part]


def _counts(entry: DeclaredShare, folder: Sequence[str]) -> bool:
    """True where the scan of a target counts a folder of the same share."""
    own = parts(entry.path)
    if list(folder[: len(own)]) != own:
        return False
    excluded = [[*own, *parts(exclusion.path)] for exclusion in entry.exclude]
    return not any(list(folder[: len(path)]) == path for path in excluded)
