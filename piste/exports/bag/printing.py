"""The pages of a bag: the kept log of the print server, by month and queue."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Column, Row, Table
from piste.sobriety.printing.sources import queues, services
from piste.town.model import Town


def _pages(contents: Contents, town: Town) -> Iterator[Row]:
    log = contents.printed
    if log is None:
        return
    site_of = {name.casefold(): site for name, site in queues(town).items()}
    service_of = {name.casefold(): service for name, service in services(town).items()}
    for month in log.months:
        queue = month.queue.casefold()
        yield {
            **month.model_dump(), "site": site_of.get(queue), "service": service_of.get(queue),
            "whole": log.whole(month.month),
        }  # fmt: skip


PRINTED = Table(
    "printed_pages",
    "Les pages comptées par le serveur d’impression (CCTP 4.4.2), sans personne, document ni poste",
    (
        Column("month", "Mois"),
        Column("queue", "File ; vide : files ni déclarées ni partagées"),
        Column("site", "Site de la file"),
        Column("service", "Service à qui l’imprimante est affectée"),
        Column("jobs", "Travaux", "integer"),
        Column("pages", "Pages, papier inconnu", "integer"),
        Column("copied", "Travaux dont les copies sont connues", "integer"),
        Column("mono", "Travaux en noir et blanc, là où c’est connu", "integer"),
        Column("color", "Travaux en couleur, là où c’est connu", "integer"),
        Column("whole", "Chaque jour du mois a été compté", "boolean"),
    ),
    _pages,
    of=("printed_pages",),
)
