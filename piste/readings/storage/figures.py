"""F5 (CCTP 4.4.6): duplicate and cold data of targeted shares, before, after; retention.

Every targeted share counts. A share without two whole readings of one scope is unknown, and so is F5: what was not
read never conforms.
Believed: [belief files.last_access].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from piste.readings.belief import Last, Reading, Unread, value
from piste.readings.storage.kept import Kept
from piste.readings.storage.reading import scope_of
from piste.town.model.storage import TargetedShare, TownStorage

GB = 10**9
METHOD = (
    "somme des tailles des fichiers froids ou en double, chacun compté une fois ; un double a le "
    "même contenu (SHA-256) dans le même partage visé"
)


class ShareFigure(TypedDict):
    """A targeted share: bytes to save before and after; `why` says why they do not compare."""

    share: str
    label: str
    owner: str
    state: Literal["known", "unknown"]
    why: str
    read_at: str
    before_on: str
    after_on: str
    bytes: int | None
    files: int | None
    cold_bytes: int | None
    duplicate_bytes: int | None
    before_bytes: int | None
    after_bytes: int | None
    retention_applied: bool
    retention_why: str
    excluded: list[str]


class Figure(TypedDict):
    """F5: the change of the bytes to save in per cent; None where it is unknown."""

    id: str
    value: float | None
    numerator: int | None
    denominator: int | None
    unit: str
    source: str
    date: str
    before_on: str
    method: str
    unknown: list[str]
    excluded: list[str]
    retention: float | None
    retention_failing: list[str]
    why: str


def rows(storage: TownStorage, known: Mapping[str, Last[Kept]]) -> list[ShareFigure]:
    """Give the figures of each targeted share, in the order of the declaration."""
    return [_row(share, storage, known.get(share["name"])) for share in storage["shares"]]


def _row(share: TargetedShare, storage: TownStorage, last: Last[Kept] | None) -> ShareFigure:
    why = _not_comparable(last, scope_of(share, storage))
    kept = last.value if isinstance(last, Reading) else None
    before, after = (kept["before"], kept["after"]) if kept else (None, None)
    shown = after if after and not why else None
    return ShareFigure(
        share=share["name"],
        label=share["label"],
        owner=share["owner"],
        state="unknown" if why else "known",
        why=why,
        read_at=kept["last"]["read_at"] if kept else "",
        before_on=before["read_at"][:10] if before else "",
        after_on=after["read_at"][:10] if after else "",
        bytes=shown["bytes"] if shown else None,
        files=shown["files"] if shown else None,
        cold_bytes=shown["cold_bytes"] if shown else None,
        duplicate_bytes=shown["duplicate_bytes"] if shown else None,
        before_bytes=before["waste_bytes"] if before and not why else None,
        after_bytes=shown["waste_bytes"] if shown else None,
        retention_applied=share["retention_applied"],
        retention_why=share["retention_why"],
        excluded=[f"{excluded['path']} : {excluded['why']}" for excluded in share["excluded"]],
    )


def _not_comparable(last: Last[Kept] | None, scope: str) -> str:
    """Give the reason why the readings of a share do not count, empty if they do."""
    if last is None:
        return "jamais relevé (piste storage scan)"
    if not isinstance(last, Reading):
        return f"sans réponse : {last.why}" if isinstance(last, Unread) else last.why
    kept, made = last.value, last.value["last"]
    if made["state"] != "complete":
        words = {"partial": "relevé partiel", "unfinished": "relevé à finir", "silent": "sans réponse"}
        return f"{words[made['state']]} : {made['why']}"
    if made["scope"] != scope:
        return "le périmètre ou les seuils ont changé depuis le relevé : refaites-le"
    if kept["before"] is None or kept["before"]["scope"] != scope:
        return "le relevé de référence a un autre périmètre, ou d’autres seuils"
    return ""


def figure(storage: TownStorage, known: Mapping[str, Last[Kept]]) -> Figure:
    """Compute F5; unknown while a share is, or while nothing was read after the reference."""
    shares = rows(storage, known)
    unknown = [row["share"] for row in shares if row["state"] == "unknown"]
    before = sum(row["before_bytes"] or 0 for row in shares)
    after = sum(row["after_bytes"] or 0 for row in shares)
    applied = [row for row in shares if row["retention_applied"]]
    why = _unknown(shares, unknown, known, before)
    return Figure(
        id="F5",
        value=None if why else 100 * (after / before - 1),
        numerator=None if unknown or not shares else after,
        denominator=None if unknown or not shares else before,
        unit="%",
        source="Relevé des partages visés, par SMB",
        date=max((row["after_on"] for row in shares), default=""),
        before_on=min((row["before_on"] for row in shares if row["before_on"]), default=""),
        method=METHOD,
        unknown=[f"{row['share']} ({row['why']})" for row in shares if row["state"] == "unknown"],
        excluded=[f"{row['share']}, {excluded}" for row in shares for excluded in row["excluded"]],
        retention=100 * len(applied) / len(shares) if shares else None,
        retention_failing=[
            f"{row['share']} ({row['retention_why']})" for row in shares if not row["retention_applied"]
        ],
        why=why,
    )


def _unknown(
    shares: Sequence[ShareFigure], unknown: Sequence[str], known: Mapping[str, Last[Kept]], before: int
) -> str:
    if not shares:
        return "aucun partage n’est visé (storage.shares)"
    if unknown:
        return f"partages sans relevé entier et comparable : {', '.join(unknown)}"
    if all((kept := value(known[row["share"]]))["before"] == kept["after"] for row in shares):
        return "un seul relevé de chaque partage : rien à comparer encore"
    return "" if before else "rien n’était froid ni en double au relevé de référence"
