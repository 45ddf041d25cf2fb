"""F5: duplicate and cold data on the targeted shares, their retention (CCTP 4.4.2, 4.4.6)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.readings.storage.figures import GB, figure, rows
from piste.sobriety.counting import Known
from piste.sobriety.figure import Excluded, Figure

_F5 = "Évolution des données froides et en double des partages visés depuis leur premier relevé"
_RETENTION = "Partages visés dont la rétention différenciée est documentée et appliquée"
_PARTS = {
    "F5.volume": ("Volume des partages visés", "Go"),
    "F5.cold": ("Part des données froides dans les partages visés", "%"),
    "F5.duplicates": ("Taux de doublons des partages visés", "%"),
}


def storage_figures(known: Known) -> Iterator[Figure]:
    """Make F5 and its companions, from the kept readings of the shares."""
    commune = known.town.commune
    storage = commune["storage"] if commune else None
    source = "Relevé des partages visés, par SMB"
    if storage is None:
        why = "aucun partage n’est visé (storage)"
        titles = {"F5": (_F5, "%"), **_PARTS, "F5.retention": (_RETENTION, "%")}
        yield from (known.unknown(name, title, unit, source, why) for name, (title, unit) in titles.items())
        return
    kept = known.readings.storage
    f5, shares = figure(storage, kept), rows(storage, kept)
    excluded = [
        Excluded(f"{share['name']}, {folder['path']}", folder["why"])
        for share in storage["shares"]
        for folder in share["excluded"]
    ]
    unread = [row["share"] for row in shares if row["state"] == "unknown"]
    reasons = "; ".join(dict.fromkeys(f"{row['share']} : {row['why']}" for row in shares if row["why"]))
    yield known.figure(
        "F5", _F5, "%", f5["value"], f5["source"], on=f5["date"],
        numerator=_gb(f5["numerator"]), denominator=_gb(f5["denominator"]), unknown=unread, excluded=excluded,
        why=f5["why"] or f"du {f5['before_on']} au {f5['date']} ; {f5['method']}",
    )  # fmt: skip
    total = sum(row["bytes"] or 0 for row in shares)
    counts = {
        "F5.volume": total / GB,
        "F5.cold": _share(sum(row["cold_bytes"] or 0 for row in shares), total),
        "F5.duplicates": _share(sum(row["duplicate_bytes"] or 0 for row in shares), total),
    }
    for name, (title, unit) in _PARTS.items():
        value = None if unread or not shares else counts[name]
        yield known.figure(
            name, title, unit, value, source, on=f5["date"], unknown=unread, excluded=excluded,
            why="" if value is not None else reasons or "rien n’a été relevé",
        )  # fmt: skip
    failing = [f"{row['share']} ({row['retention_why']})" for row in shares if not row["retention_applied"]]
    yield known.figure(
        "F5.retention", _RETENTION, "%", f5["retention"], "Déclaration des partages et des rétentions",
        numerator=len(shares) - len(failing), denominator=len(shares), failing=failing,
    )  # fmt: skip


def _gb(count: int | None) -> float | None:
    return None if count is None else count / GB


def _share(part: int, total: int) -> float | None:
    return 100 * part / total if total else None
