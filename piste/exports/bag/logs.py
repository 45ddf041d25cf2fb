"""The sources of logs of a bag, with the last check; the record of processing; F12."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Column, Row, Table
from piste.town.model import Town


def _sources(contents: Contents, town: Town) -> Iterator[Row]:
    logs = town.commune["logs"] if town.commune else None
    states = {entry["name"]: entry for entry in contents.logs["streams"]} if contents.logs else {}
    for stream in logs["streams"] if logs else ():
        read: Row = {}
        if known := states.get(stream["name"]):
            read = {
                "read_state": known["state"],
                "read_days": known["days"],
                "read_oldest": known["oldest"],
                "read_last": known["last"],
                "read_faults": [fault.message for fault in known["faults"]],
            }
        yield {**stream, "stream": stream["name"], "class": stream["log_class"], **read}


def _figure(contents: Contents, town: Town) -> Iterator[Row]:
    if contents.logs:
        yield {**contents.logs["figure"]}


LOGS: tuple[Table, ...] = (
    Table(
        "log_sources",
        "Les sources de journaux (CCTP 3.2.5, 3.3.3, 7.4) ; read_… : d’après le dernier contrôle",
        (
            Column("stream", "Nom, et site pour une source par site"),
            Column("label", "Nom que lisent les personnes"),
            Column("kind", "Genre"),
            Column("class", "network, authentication, admin, security"),
            Column("site", "Site, pour une source par site"),
            Column("transport", "tls, tcp, udp, file (déposé), journal (celui de Piste)"),
            Column("port", "Port du collecteur", "integer"),
            Column("senders", "Préfixes d’où elle vient"),
            Column("silence_hours", "Plus long silence attendu, en heures", "integer"),
            Column("purpose", "Finalité"),
            Column("basis", "Base légale"),
            Column("least_days", "Gardée au moins, en jours", "integer"),
            Column("most_days", "Supprimée au-delà, en jours", "integer"),
            Column("readers", "Qui lit"),
            Column("read_state", "État lu : ok, wrong, unknown"),
            Column("read_days", "Jours lus", "integer"),
            Column("read_oldest", "Plus ancien jour lu"),
            Column("read_last", "Dernier message lu (UTC)"),
            Column("read_faults", "Ce qui ne va pas"),
            Column("status", "« to_confirm » : donnée d’exemple, à confirmer avec la DSI"),
        ),
        _sources,
    ),
    Table(
        "log_figures",
        "F12 au dernier contrôle : sources dont les journaux sont là, sur celles qui ont pu être lues",
        (
            Column("figure", "Indicateur"),
            Column("state", "ok, wrong, unknown"),
            Column("value", "Valeur, en pour cent", "number"),
            Column("numerator", "Numérateur", "integer"),
            Column("denominator", "Dénominateur", "integer"),
            Column("source", "Source"),
            Column("date", "Date du contrôle"),
            Column("method", "Méthode"),
            Column("excluded", "Exclues, et pourquoi"),
            Column("failing", "Sources non conformes"),
            Column("exported", "Mois exportés sur les douze derniers", "integer"),
        ),
        _figure,
    ),
)
