"""The measured computers of a bag: settings and hardware.

Never nights nor sessions: no purge reaches a bag, and the hours of a computer are nearly those of a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import NAME, SITE, Column, Row, Table
from piste.readings.computers.judge import measured
from piste.readings.computers.table import row
from piste.town.model import Town
from piste.town.model.dates import today


def _computers(contents: Contents, town: Town) -> Iterator[Row]:
    for computer in measured(town, contents.computers, today()).computers:
        if computer.taken_at:
            yield {**row(computer)}


COMPUTERS = Table(
    "measured_computers",
    "Les postes mesurés par eux-mêmes (CCTP 4.4.2, 4.4.6) : réglages et matériel, sans leurs nuits ni leurs sessions",
    (
        NAME,
        SITE,
        Column("service", "Service qui l’utilise"),
        Column("kind", "fixed, laptop, thin_client, mac"),
        Column("model", "Modèle"),
        Column("serial", "Numéro de série, à l’inventaire"),
        Column("state", "Statut, à l’inventaire"),
        Column("owner_checked", "Le fichier appartient au compte du poste", "boolean"),
        Column("sleep_ac_seconds", "Délai de veille sur secteur, en secondes ; 0, jamais", "integer"),
        Column("sleeps", "Veille réglée sous 15 minutes", "boolean"),
        Column("stops", "Tâche d’arrêt présente, et sans échec", "boolean"),
        Column("starting_programs", "Programmes qui démarrent seuls", "integer"),
        Column("battery", "Capacité de la batterie, en % de l’origine", "integer"),
        Column("mismatch", "Ce qui diffère de l’inventaire"),
    ),
    _computers,
    of=("measured_computers",),
)
