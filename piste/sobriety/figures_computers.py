"""The figures of measured computers: nights that were seen, energy by states, reuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from piste.engine.words import agreed
from piste.readings.computers import life
from piste.readings.computers.judge import Computer
from piste.sobriety.breakdown import By, Share, shares
from piste.sobriety.computer_energy import in_service, last_days, of_days
from piste.sobriety.counting import NO_HOURS, Known, counted
from piste.sobriety.figure import Figure
from piste.sobriety.figures_pcs import HALVES, spared_by
from piste.sobriety.imports import Pc
from piste.sobriety.value_range import total
from piste.sobriety.workstations import MEASURE
from piste.town.model.sobriety.form import Drives

NIGHTS = (
    "nuits et jours fermés du site, fériés compris, du délai d’arrêt après la fermeture à une demi-heure avant "
    "l’ouverture ; cinq nuits vues au moins, neuf sur dix conformes"
)
Seen = Callable[[Computer], bool | None]
_SEEN: Mapping[str, tuple[str, Seen, Drives, str]] = {
    "F1.slept": (
        "Postes vus en veille ou arrêtés moins de 15 minutes après, hors des heures",
        lambda row: row.slept, "sleep", f"jamais 15 minutes de suite allumé ({NIGHTS})",
    ),
    "F1.stopped": (
        "Postes vus arrêtés hors des heures", lambda row: row.stopped, "shutdown",
        f"moins de 15 minutes ni arrêté ni en veille prolongée, passé la première heure ({NIGHTS})",
    ),
}  # fmt: skip
_COUNTED: Mapping[str, tuple[str, Callable[[Computer], bool | None]]] = {
    "F1.defied": (
        "Postes réglés mais éveillés hors des heures",
        lambda row: row.defied if row.slept is not None else None,
    ),
    "F1.unset": (
        "Postes éteints hors des heures sans réglage",
        lambda row: row.unset if row.stopped is not None and row.stops is not None else None,
    ),
}
_BY: Mapping[By, str] = {"site": "site", "model": "model", "kind": "kind", "service": "service"}
NO_MODEL = "modèle inconnu"


def computer_figures(known: Known) -> Iterator[Figure]:
    measured = known.readings.computers
    why = measured.silence if measured and not _spoke(measured.computers) else ""
    if measured is None or why:
        yield from _unknown(known, why or known.readings.why("computers") or "les postes ne sont pas mesurés")
    else:
        yield from _nights(known)
        yield from _counts(known)
        yield _awake(known)
        yield _window(known)
    yield _reuse(known)


_TITLES: Mapping[str, tuple[str, str]] = {
    **{name: (title, "%") for name, (title, *_) in _SEEN.items()},
    **{name: (title, "postes") for name, (title, _) in _COUNTED.items()},
    "F1.awake": ("Heures allumées hors des heures, par poste et par semaine", "h"),
    "F2.window": ("Consommation d’un poste sur trente jours, par ses états mesurés", "kWh/poste"),
}


def _spoke(computers: Sequence[Computer]) -> bool:
    return any(row.taken_at for row in computers)


def _unknown(known: Known, why: str) -> Iterator[Figure]:
    for name, (title, unit) in _TITLES.items():
        yield known.unknown(name, title, unit, MEASURE, why)


def _on(known: Known) -> str:
    days = [row.taken_at.date().isoformat() for row in in_service(known) if row.report and row.taken_at]
    return max(days, default=known.day)


def _nights(known: Known) -> Iterator[Figure]:
    for name, (title, seen, drives, why) in _SEEN.items():
        spared = partial(_without_nights, known, drives)
        count = counted(in_service(known), _name, seen, spared)
        figure = known.share(name, title, count, MEASURE, on=_on(known))
        yield replace(figure, why="; ".join(part for part in (figure.why, why) if part))


def _without_nights(known: Known, drives: Drives, row: Computer) -> str:
    """Say why the nights of a computer are left out: spared, or a site that never closes."""
    site = known.town.sites.get(row.site)
    return known.spared(row.site, drives) or (NO_HOURS if site and site["opening_hours"] is None else "")


def _counts(known: Known) -> Iterator[Figure]:
    for name, (title, seen) in _COUNTED.items():
        rows = in_service(known)
        listed = [row.name for row in rows if seen(row)]
        unknown = [row.name for row in rows if seen(row) is None]
        value = float(len(listed)) if len(unknown) < len(rows) else None
        yield known.figure(
            name, title, "postes", value, MEASURE, on=_on(known), numerator=len(listed),
            denominator=len(rows) - len(unknown), failing=listed if name == "F1.defied" else (), unknown=unknown,
            why="" if value is not None else "aucune nuit n’a été vue",
        )  # fmt: skip


def _awake(known: Known) -> Figure:
    title, unit = _TITLES["F1.awake"]
    rows = in_service(known)
    hours = [row.awake_hours for row in rows if row.awake_hours is not None]
    unknown = [row.name for row in rows if row.awake_hours is None]
    return known.figure(
        "F1.awake", title, unit, sum(hours) / len(hours) if hours else None, MEASURE, on=_on(known),
        numerator=sum(hours), denominator=len(hours), unknown=unknown, why="" if hours else "aucune nuit n’a été vue",
    )  # fmt: skip


def _window(known: Known) -> Figure:
    """Estimate thirty days of a computer; no meter enters it."""
    title, unit = _TITLES["F2.window"]
    rows = in_service(known)
    each = {row.name: kwh for row in rows if (kwh := of_days(known, row, last_days(known, row)))}
    unknown = [row.name for row in rows if row.name not in each]
    source = f"{MEASURE}, puissances déclarées par état"
    if not each:
        why = "aucun poste n’a dix jours d’états, avec une puissance déclarée"
        return known.figure("F2.window", title, unit, None, source, unknown=unknown, why=why)
    mean = total(list(each.values())).times(1 / len(each))
    made = known.figure(
        "F2.window", title, unit, mean.value, source, on=_on(known), method="estimated",
        numerator=mean.value * len(each), denominator=len(each), unknown=unknown,
        why=f"sur {agreed(len(each), 'poste(s)')} ; aucun compteur n’y entre",
    )  # fmt: skip
    return replace(made, low=mean.low, high=mean.high, measured_share=0.0)


def _reuse(known: Known) -> Figure:
    """Compute the share of the computers that left a user and were used again."""
    title, counts = "Taux de réemploi des postes, sur un an", life.reuse(known.town, known.today)
    whole = counts.reused + counts.left
    return known.figure(
        "F22.reuse", title, "%", 100 * counts.reused / whole if whole else None, "Mouvements de l’inventaire",
        numerator=counts.reused, denominator=whole, cctp="4.4.3",
        why="" if whole else "aucun réemploi ni aucune sortie n’est inscrit depuis un an",
    )  # fmt: skip


def computer_breakdowns(known: Known) -> Iterator[Share]:
    """Give both halves of F1, by setting and by what was seen, by site, model, kind and service."""
    for by, key in _BY.items():
        for name, (verdict, drives) in HALVES.items():
            pcs = [pc for pc in known.in_service if not spared_by(pc.site, drives, known)]
            yield from shares(name, by, pcs, _part(key), lambda pc, verdict=verdict: verdict(pc, known))  # type: ignore[misc]
        if known.readings.computers is None:
            continue
        for name, (_, seen, lever, _) in _SEEN.items():
            rows = [row for row in in_service(known) if not _without_nights(known, lever, row)]
            yield from shares(name, by, rows, _part(key), seen)


def _part(key: str) -> Callable[[Computer | Pc], str]:
    return lambda item: str(getattr(item, key) or "") or (NO_MODEL if key == "model" else "")


def _name(row: Computer) -> str:
    return row.name
