"""The lists of printing to act on: queues, local printers, copiers, quotas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from piste.sobriety.breakdown import Heading, Listing
from piste.sobriety.counting import Known
from piste.sobriety.figures_printing import months
from piste.sobriety.parts import factor, of_a_year
from piste.sobriety.printing.quotas import QUOTA_WORDS, Consumption, consumptions
from piste.sobriety.printing.sources import accounts, queues, services
from piste.town.model import Town
from piste.town.model.assets.derived import Asset

NEVER_READ = "Inconnu : le journal du serveur d’impression n’a pas été lu (piste printing read)."
FAR = 3
"""A site whose copiers print this many times more, or less, than the median of the town is listed."""


class LocalPrinter(NamedTuple):
    """A printer plugged into a computer; its name, which may be a person's, is not known."""

    computer: str
    site: str
    service: str
    driver: str | None
    shared: bool | None


def printing_lists(known: Known) -> Iterator[Listing]:
    yield idle(known)
    yield orphans(known)
    yield isolated(known, local_printers(known))
    yield copiers(known)
    yield quotas(known)


def idle(known: Known) -> Listing:
    """List the queues without a job for long; with a hole in the log, idleness is unknown."""
    declared = known.town.commune["print_accounting"] if known.town.commune else None
    log, of_queue = known.readings.accounting, services(known.town)
    rows: list[tuple[str, str, str | None, str | None, int | None, str]] = []
    if declared and log and log.through:
        first = (date.fromisoformat(log.through) - timedelta(days=declared["idle_days"])).isoformat()
        used = {queue.casefold(): day for queue, day in log.used.items()}
        last = (date.fromisoformat(log.through) - timedelta(days=1)).isoformat()
        for queue, site in queues(known.town).items():
            day = used.get(queue.casefold())
            if day is None or day < first:
                sure = log.counted(first, last)
                days = (date.fromisoformat(log.through) - date.fromisoformat(day)).days if day else None
                unsure = "inconnu : le journal n’a pas tous ces jours"
                todo = "demander au service, puis retirer la file" if sure else unsure
                rows.append((queue, site, of_queue.get(queue), day, days, todo))
    rows.sort(key=lambda row: (row[3] or "", row[0]))
    return Listing(
        "printing_idle", "Files sans travail depuis longtemps",
        (Heading("queue", "File"), Heading("site", "Site"), Heading("service", "Service"),
         Heading("last_job", "Dernier travail"), Heading("days", "Depuis", "jours"), Heading("todo", "Proposition")),
        rows, "F6",
        "Une file se retire sur le serveur, puis de la déclaration ; Piste n’en supprime aucune."
        if log and log.through else NEVER_READ,
    )  # fmt: skip


def orphans(known: Known) -> Listing:
    """List the queues without device, declaration, place on the server or readable driver."""
    live, devices = known.readings.queues, _devices(known.town)
    declared = queues(known.town)
    rows: list[tuple[str, str | None, str, str]] = []
    for queue, site in declared.items():
        device = devices.get(queue)
        if live is not None and queue.casefold() not in {name.casefold() for name in live}:
            rows.append((queue, site, "déclarée, absente du serveur", "créer la file, ou la retirer de la déclaration"))
        elif device is None or not (device["serial"] or device["maker"] or device["model"]):
            rows.append((queue, site, "sans appareil connu", "compléter l’inventaire, ou retirer la file"))
        elif device["state"] != "in_service":
            why = "son appareil n’est plus en service"
            rows.append((queue, site, why, "retirer la file, ou remettre l’appareil en service"))
    known_names = {name.casefold() for name in declared}
    for name, item in (live or {}).items():
        if name.casefold() not in known_names and item.get("shared", True):
            rows.append((name, None, "partagée, déclarée par personne", "la déclarer dans son site, ou la retirer"))
        elif item.get("duplexing") is None and name.casefold() in known_names:
            rows.append((name, declared.get(name), "son pilote ne dit pas ses réglages", "remplacer son pilote"))
    return Listing(
        "printing_orphans", "Files orphelines",
        (Heading("queue", "File"), Heading("site", "Site"), Heading("why", "Ce qui manque"),
         Heading("todo", "Proposition")),
        sorted(rows, key=lambda row: (row[2], row[0])), "F7.queues",
        "Rien n’est supprimé : chaque ligne est à décider."
        if live is not None else "Inconnu de plus : les files du serveur n’ont pas été lues (piste sobriety diagnose).",
    )  # fmt: skip


def local_printers(known: Known) -> Sequence[LocalPrinter]:
    """List the printers that computers say they have on a cable of their own."""
    measured = known.readings.computers
    return [
        LocalPrinter(row.name, row.site, row.service, printer.driver, printer.shared)
        for row in (measured.in_service if measured else ())
        for printer in (row.report.printers or () if row.report else ())
        if printer.port == "usb"
    ]


def isolated(known: Known, printers: Iterable[LocalPrinter]) -> Listing:
    """List the local printers, each with the copier of its site to print on instead."""
    measured = known.readings.computers
    every = measured.in_service if measured else []
    silent = sum(row.report is None or row.report.printers is None for row in every)
    copier_of = {site: name for site in known.sites for name in _copiers(known.town, site)[:1]}
    each = factor(known, "printer")
    won = of_a_year(each, 1) if each else None
    rows: list[tuple[str | float | None, ...]] = [
        (
            printer.computer, printer.site, printer.service, printer.driver,
            copier_of.get(printer.site) or "aucun copieur sur le site",
            won and won.low, won and won.value, won and won.high,
        )
        for printer in printers
    ]  # fmt: skip
    return Listing(
        "printing_isolated", "Imprimantes locales isolées",
        (Heading("computer", "Poste"), Heading("site", "Site"), Heading("service", "Service"),
         Heading("driver", "Pilote"), Heading("copier", "Copieur proposé"),
         Heading("kwh_low", "Gain au moins", "kWh/an"),
         Heading("kwh", "Gain", "kWh/an"), Heading("kwh_high", "Gain au plus", "kWh/an")),
        sorted(rows, key=lambda row: (str(row[1]), str(row[0]))), "F6",
        "Connecter le poste à la file du copieur, prévenir le service, puis reprendre l’imprimante. Ses pages ne sont "
        f"comptées par rien : le gain est celui de son électricité, estimé. Postes qui ne disent rien : {silent}."
        if silent < len(every) else "Inconnu : aucun poste ne dit ses imprimantes (piste computers read).",
    )  # fmt: skip


def copiers(known: Known) -> Listing:
    """List the pages of copiers against the computers of their site, far sites first."""
    every, window = accounts(known), months(known.today)
    rows: list[tuple[str, int, int, int | None, float | None, str]] = []
    for site in known.sites:
        names = set(_copiers(known.town, site))
        if not names:
            continue
        read = [
            sum(row.pages for row in some if row.queue is None or row.queue in names)
            for month in window
            if (some := every.chosen(site, month))
        ]
        each = round(sum(read) / len(read) / len(names)) if read else None
        people = sum(
            asset["kind"] == "computer" and asset["state"] == "in_service" for asset in known.town.sites[site]["assets"]
        )
        rows.append((site, len(names), people, each, people / len(names), ""))
    middle = median([row[3] for row in rows if row[3] is not None] or [0])
    judged = [(*row[:5], _placed(row[3], middle)) for row in rows]
    judged.sort(key=lambda row: (not row[5], -abs((row[3] or middle) - middle), row[0]))
    return Listing(
        "printing_copiers", "Copieurs et population de leur site",
        (Heading("site", "Site"), Heading("copiers", "Copieurs"), Heading("computers", "Postes du site"),
         Heading("pages", "Pages d’un copieur", "pages/mois"), Heading("computers_each", "Postes par copieur"),
         Heading("todo", "Proposition")),
        judged, "F6", "Un déplacement se décide avec le service et Kyocera (marché de la Région).",
    )  # fmt: skip


def _placed(pages: int | None, middle: float) -> str:
    if pages is None or not middle:
        return ""
    if pages * FAR < middle:
        return "à déplacer vers un site qui imprime plus, ou à retirer"
    return "un copieur de plus, ou une imprimante de moins" if pages > FAR * middle else ""


def quotas(known: Known) -> Listing:
    """List the quotas of services, those that are over first."""
    rank = {"over": 0, "alert": 1, "unknown": 2, "ok": 3}
    read = sorted(consumptions(known), key=lambda used: (rank[used.state], used.service))
    return Listing(
        "printing_quotas", "Quotas d’impression des services",
        (Heading("service", "Service"), Heading("period", "Période"), Heading("quota", "Quota", "pages A4"),
         Heading("pages", "Imprimé", "pages A4"), Heading("projected", "Fin de période prévue", "pages A4"),
         Heading("state", "État")),
        [(used.service, used.period, used.quota, used.pages if used.counted else None, used.projected, said(used))
         for used in read],
        "F6", "Prévenir le service ; rien n’est coupé. Ce qui se saisit dans myQ : docs/impression.md.",
    )  # fmt: skip


def said(used: Consumption) -> str:
    """Say where a quota is, in French."""
    if used.state == "unknown" and used.counted:
        return f"au moins cela : {used.counted} mois comptés sur {used.months}"
    return QUOTA_WORDS[used.state]


def _devices(town: Town) -> dict[str, Asset]:
    return {
        asset["name"]: asset for site in town.sites.values() for asset in site["assets"] if asset["kind"] == "printer"
    }


def _copiers(town: Town, site: str) -> list[str]:
    """List the queues of the copiers of a site."""
    return [
        asset["name"]
        for asset in town.sites[site]["assets"]
        if asset["kind"] == "printer" and asset["variant"] == "copier" and asset["state"] == "in_service"
    ]
