"""The restore tests in a bag: what was proven, until when, what is due (F15, CCTP 6.3)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Column, Row, Table
from piste.town.model import Town
from piste.trials.restore.calendar import DUES


def _tests(contents: Contents, town: Town) -> Iterator[Row]:
    for row in contents.restores:
        last = row.last
        yield {
            **row.test,
            "state": row.due,
            "words": DUES[row.due],
            "until": row.until,
            "last": last.id if last else None,
            "signed": [signature.party for signature in row.signed],
            "rehearsed": row.rehearsed.id if row.rehearsed else None,
        }


RESTORES = Table(
    "restore_tests",
    "Les essais de restauration, et ce qui est prouvé ; une répétition au laboratoire ne prouve rien (CCTP 3.2.4, 6.6)",
    (
        Column("name", "Nom de l’essai"),
        Column("label", "Ce qui est restauré"),
        Column("method", "Méthode"),
        Column("set", "Ensemble protégé"),
        Column("requirement", "Restauration demandée : critical_server, type_pc_school, type_pc_public"),
        Column("every_days", "Validité d’une preuve, en jours", "integer"),
        Column("state", "État : proven, due, overdue, unsigned, failed, never"),
        Column("words", "État, en français"),
        Column("until", "Dernier jour de la preuve (AAAA-MM-JJ)"),
        Column("last", "Dernier essai sur les vrais systèmes"),
        Column("signed", "Parties qui ont signé"),
        Column("rehearsed", "Dernière répétition au laboratoire"),
        Column("status", "« to_confirm » : donnée d’exemple, à confirmer avec la DSI"),
    ),
    _tests,
)
