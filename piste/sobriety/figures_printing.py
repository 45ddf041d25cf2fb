"""F6 and F7: pages, and jobs and queues in duplex and monochrome (CCTP 4.4.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from piste.engine.words import agreed
from piste.sobriety.counting import Known, counted, sources
from piste.sobriety.figure import Excluded, Figure
from piste.sobriety.printing.printed import Printed
from piste.sobriety.printing.sources import Rows, accounts
from piste.sobriety.readings import Item
from piste.town.model.print_accounting import LOG

YEAR = 12
_F6 = "Évolution des pages A4 par rapport aux mêmes mois de l’année précédente"
_F7 = "Travaux en recto verso et en noir et blanc"
_QUEUES = "Files d’impression dont les deux réglages par défaut sont en place"
ACCOUNTING, _LIVE = "Comptabilité des impressions", "Serveur d’impression, réglages des files"


def printing_figures(known: Known) -> Iterator[Figure]:
    if not accounts(known).rows:
        why = known.imports.why("printing") or "aucune source ne compte les pages"
        yield known.unknown("F6", _F6, "%", ACCOUNTING, why)
        yield known.unknown("F7", _F7, "%", ACCOUNTING, why)
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
        queue["name"]: f"{queue['why']}{f', jusqu’au {queue["until"]}' if queue['until'] else ''}"
        for site in known.sites.values()
        for queue in (site["printing"] or {"queues": []})["queues"]
        if queue["why"] and not queue["expired"]
    }


def counted_rows(known: Known, knows: Callable[[Printed], bool] = lambda row: True) -> Mapping[tuple[str, str], Rows]:
    """Group the accounting of targeted sites by site and month, without the spared queues."""
    spared, sites, every = spared_queues(known), set(targeted(known)), accounts(known)
    rows = {}
    for site, month in every.rows:
        chosen = every.chosen(site, month, knows) if site in sites else ()
        if kept := [row for row in chosen if row.queue not in spared]:
            rows[site, month] = kept
    return rows


def knows_sides(row: Printed) -> bool:
    """True where a source knows the sides and the colour of its jobs."""
    return row.jobs is not None and row.duplex_jobs is not None and row.duplex_mono_jobs is not None


def rows_of_site(known: Known, site: str, window: Sequence[str]) -> list[Printed]:
    """List the accounting of a site over some months, where the sides of jobs are known."""
    rows = counted_rows(known, knows_sides)
    return [row for month in window for row in rows.get((site, month), ()) if knows_sides(row)]


def pairs(known: Known) -> Mapping[tuple[str, str], tuple[Rows, Rows]]:
    """Pair the months of targeted sites with those of the year before, of the same source."""
    spared, every = spared_queues(known), accounts(known)
    compared = {}
    for site in targeted(known):
        for month in months(known.today):
            if both := every.pair(site, month, year_before(month)):
                now, before = ([row for row in rows if row.queue not in spared] for rows in both)
                if now and before:
                    compared[site, month] = (now, before)
    return compared


def _excluded(known: Known) -> list[Excluded]:
    sites = [
        Excluded(name, why)
        for name, site in known.sites.items()
        if site["printing"] and site["printing"]["queues"] and (why := known.spared(name, "print_defaults"))
    ]
    return sites + [Excluded(name, why) for name, why in spared_queues(known).items()]


def _pages(known: Known) -> Figure:
    """Compare the months of each site with those of the year before, where both are known."""
    sites, compared = targeted(known), pairs(known)
    of_site = {site: [month for name, month in compared if name == site] for site in sites}
    unknown = [site for site in sites if not of_site[site]]
    now = sum(row.pages for rows, _ in compared.values() for row in rows)
    before = sum(row.pages for _, rows in compared.values() for row in rows)
    if not before:
        why = "aucun site visé n’a de comptabilité sur les mêmes mois de deux années"
        return known.figure("F6", _F6, "%", None, ACCOUNTING, unknown=unknown, excluded=_excluded(known), why=why)
    window = sorted({month for _, month in compared})
    whole = all(len(some) in (0, YEAR) for some in of_site.values())
    partial = "" if whole else ", pas partout les douze derniers mois"
    used = [row for both in compared.values() for rows in both for row in rows]
    return known.figure(
        "F6", _F6, "%", 100 * (now / before - 1), f"{ACCOUNTING} ({sources(row.source for row in used)})",
        on=window[-1], numerator=now, denominator=before, unknown=unknown, excluded=_excluded(known),
        why=f"{agreed(len(window), 'mois')}, de {window[0]} à {window[-1]}, sur "
        f"{agreed(len(sites) - len(unknown), 'site(s)')}{partial} ; une page A3 compte pour deux A4{_of_log(used)}",
    )  # fmt: skip


def _of_log(used: Rows) -> str:
    """Say what the log of the print server does not know, where it counted."""
    return (
        " ; le journal du serveur ne dit ni le papier, ni toujours les copies"
        if any(row.origin == LOG for row in used)
        else ""
    )


def last_month(known: Known, rows: Mapping[tuple[str, str], Rows]) -> str | None:
    """Give the last whole month with accounting; None where there is none in twelve months."""
    window = months(known.today)
    return max((month for _, month in rows if month in window), default=None)


def _jobs(known: Known) -> Figure:
    """Compute the share of sober jobs in the last whole month with accounting.

    Jobs whose sides or colour no source knows are in the denominator, and never in the numerator.
    """
    rows, sites = counted_rows(known, knows_sides), targeted(known)
    month, target = last_month(known, rows), known.target("F7")
    if month is None:
        why = "aucun site visé n’a de comptabilité dans les douze derniers mois"
        return known.figure("F7", _F7, "%", None, ACCOUNTING, unknown=sites, excluded=_excluded(known), why=why)
    here = {site: rows[site, month] for site in sites if (site, month) in rows}
    read = {site: [row for row in here[site] if knows_sides(row)] for site in here}
    jobs = {site: sum(row.jobs or 0 for row in here[site]) for site in here}
    sober = {site: sum(row.duplex_mono_jobs or 0 for row in read[site]) for site in here}
    total, seen = sum(jobs.values()), any(row.jobs for some in read.values() for row in some)
    blind = [site for site in here if len(read[site]) < len(here[site])]
    least = target.at_least if target and target.at_least is not None else 100
    missing = [site for site in sites if site not in here]
    why = f"travaux de {month}"
    if missing:
        why += f" ; sans comptabilité ce mois-là : {', '.join(missing)}"
    if blind:
        why += f" ; sans que les faces ou la couleur soient connues : {', '.join(blind)}"
    return known.figure(
        "F7", _F7, "%", 100 * sum(sober.values()) / total if seen else None,
        f"{ACCOUNTING} ({sources(row.source for site in here for row in here[site])})", on=month,
        numerator=sum(sober.values()), denominator=total, unknown=[*missing, *blind], excluded=_excluded(known),
        failing=[site for site in here if site not in blind and jobs[site] and 100 * sober[site] / jobs[site] < least],
        why=why,
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
