"""F6 and F7: pages, and jobs and queues in duplex and monochrome (CCTP 4.4.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from piste.sobriety.counting import Known, counted, sources
from piste.sobriety.figure import Excluded, Figure
from piste.sobriety.imports import Printed
from piste.sobriety.readings import Item
from piste.words import agreed

YEAR = 12
_F6 = "Évolution des pages A4 par rapport aux mêmes mois de l'année précédente"
_F7 = "Travaux en recto verso et en noir et blanc"
_QUEUES = "Files d'impression dont les deux réglages par défaut sont en place"
_ACCOUNTING, _LIVE = "Import printing.csv", "Serveur d'impression, réglages des files"


def printing_figures(known: Known) -> Iterator[Figure]:
    if known.imports.printing is None:
        why = known.imports.why("printing")
        yield known.unknown("F6", _F6, "%", _ACCOUNTING, why)
        yield known.unknown("F7", _F7, "%", _ACCOUNTING, why)
    else:
        yield _pages(known)
        yield _jobs(known)
    yield _queues(known)


def months(today: date) -> list[str]:
    """List the last twelve whole months: `2025-11` to `2026-10` on any day of November 2026."""
    last = today.year * YEAR + today.month - 2
    return [f"{month // YEAR}-{month % YEAR + 1:02d}" for month in range(last - YEAR + 1, last + 1)]


def year_before(month: str) -> str:
    return f"{int(month[:4]) - 1}{month[4:]}"


def targeted(known: Known) -> list[str]:
    """List the sites of the lever: with queues, and not spared."""
    return [
        name
        for name, site in known.sites.items()
        if site["printing"] and site["printing"]["queues"] and not known.spared(name, "print_defaults")
    ]


def spared_queues(known: Known) -> dict[str, str]:
    """Give, for each queue that departs from the town's defaults, the reason and its last day."""
    return {
        queue["name"]: f"{queue['why']}{f', jusqu’au {queue['until']}' if queue['until'] else ''}"
        for site in known.sites.values()
        for queue in (site["printing"] or {"queues": []})["queues"]
        if queue["why"] and not queue["expired"]
    }


def _rows(known: Known) -> dict[tuple[str, str], list[Printed]]:
    """Group the accounting of targeted sites by site and month, without the spared queues."""
    spared, sites = spared_queues(known), set(targeted(known))
    rows = defaultdict(list)
    for row in known.imports.printing or ():
        if row.site in sites and row.queue not in spared:
            rows[row.site, row.month].append(row)
    return rows


def rows_of_site(known: Known, site: str, window: Sequence[str]) -> list[Printed]:
    """List the accounting of a targeted site over some months."""
    rows = _rows(known)
    return [row for month in window for row in rows.get((site, month), ())]


def _excluded(known: Known) -> list[Excluded]:
    sites = [
        Excluded(name, why)
        for name, site in known.sites.items()
        if site["printing"] and site["printing"]["queues"] and (why := known.spared(name, "print_defaults"))
    ]
    return sites + [Excluded(name, why) for name, why in spared_queues(known).items()]


def _pages(known: Known) -> Figure:
    """Compare the months of each site with those of the year before, where both are known."""
    rows, sites, window = _rows(known), targeted(known), months(known.today)
    now = before = 0
    compared: set[str] = set()
    complete, unknown, used = True, [], []
    for site in sites:
        pairs = [month for month in window if rows.get((site, month)) and rows.get((site, year_before(month)))]
        if not pairs:
            unknown.append(site)
        complete = complete and len(pairs) in (0, YEAR)
        compared.update(pairs)
        for month in pairs:
            used += [*rows[site, month], *rows[site, year_before(month)]]
            now += sum(row.pages for row in rows[site, month])
            before += sum(row.pages for row in rows[site, year_before(month)])
    if not before:
        why = "aucun site visé n'a de comptabilité sur les mêmes mois de deux années"
        return known.figure("F6", _F6, "%", None, _ACCOUNTING, unknown=unknown, excluded=_excluded(known), why=why)
    partial = "" if complete else ", pas partout les douze derniers mois"
    return known.figure(
        "F6", _F6, "%", 100 * (now / before - 1), f"{_ACCOUNTING} ({sources(row.source for row in used)})",
        on=max(compared), numerator=now, denominator=before, unknown=unknown, excluded=_excluded(known),
        why=f"{agreed(len(compared), 'mois')}, de {min(compared)} à {max(compared)}, sur "
        f"{agreed(len(sites) - len(unknown), 'site(s)')}{partial} ; une page A3 compte pour deux A4",
    )  # fmt: skip


def _jobs(known: Known) -> Figure:
    """Compute the share of sober jobs in the last whole month with accounting."""
    rows, sites = _rows(known), targeted(known)
    reported = [month for _, month in rows if month in months(known.today)]
    if not reported:
        why = "aucun site visé n'a de comptabilité dans les douze derniers mois"
        return known.figure("F7", _F7, "%", None, _ACCOUNTING, unknown=sites, excluded=_excluded(known), why=why)
    month, target = max(reported), known.target("F7")
    jobs = {site: sum(row.jobs for row in rows[site, month]) for site in sites if rows.get((site, month))}
    sober = {site: sum(row.duplex_mono_jobs for row in rows[site, month]) for site in jobs}
    total = sum(jobs.values())
    least = target.at_least if target and target.at_least is not None else 100
    unknown = [site for site in sites if site not in jobs]
    missing = f" ; sans comptabilité ce mois-là : {', '.join(unknown)}" if unknown else ""
    return known.figure(
        "F7", _F7, "%", 100 * sum(sober.values()) / total if total else None,
        f"{_ACCOUNTING} ({sources(row.source for site in jobs for row in rows[site, month])})", on=month,
        numerator=sum(sober.values()), denominator=total, unknown=unknown, excluded=_excluded(known),
        failing=[site for site in jobs if jobs[site] and 100 * sober[site] / jobs[site] < least],
        why=f"travaux de {month}{missing}",
    )  # fmt: skip


def _queues(known: Known) -> Figure:
    """Count the declared queues, and the undeclared queues with the prefix of a site."""
    live = known.readings.queues
    if live is None:
        return known.unknown("F7.queues", _QUEUES, "%", _LIVE, known.readings.why("printing"))
    spared = spared_queues(known)
    of_sites: dict[str, str] = {}
    for name, site in known.sites.items():
        if site["printing"]:
            prefix = site["printing"]["prefix"]
            declared = [queue["name"] for queue in site["printing"]["queues"]]
            others = [queue for queue in live if queue.startswith(prefix) and queue not in declared]
            of_sites |= dict.fromkeys([*declared, *others], name)
    count = counted(
        of_sites, str, lambda name: sober(live, name),
        lambda name: known.spared(of_sites[name], "print_defaults") or spared.get(name, ""),
    )  # fmt: skip
    return known.share("F7.queues", _QUEUES, count, _LIVE)


def sober(live: Mapping[str, Item], name: str) -> bool | None:
    """Check that both defaults of a queue are live; None if it was not read."""
    item = live.get(name, {})
    if item.get("duplexing") is None or item.get("color") is None:
        return None
    return item["duplexing"] != "one_sided" and item["color"] is False


def defaults_live(known: Known, name: str) -> bool:
    """Check that every queue of a site that is not spared was read with both defaults."""
    printing, live, spared = known.sites[name]["printing"], known.readings.queues, spared_queues(known)
    if printing is None or live is None:
        return False
    return all(sober(live, queue["name"]) for queue in printing["queues"] if queue["name"] not in spared)
