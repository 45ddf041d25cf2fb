"""The life of the assets in a bag: their history, and the lots of thin clients."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Column, Row, Table
from piste.sites.life.filing import index
from piste.town.model import Town


def _history(contents: Contents, town: Town) -> Iterator[Row]:
    for event in town.history:
        yield event.model_dump()


def _lots(contents: Contents, town: Town) -> Iterator[Row]:
    yield from index(town)


LIFE_TABLES: tuple[Table, ...] = (
    Table(
        "asset_history",
        "L’histoire des équipements : chaque réception, affectation, effacement, sortie (CCTP 3.4.1, 4.2.4)",
        (
            Column("date", "Jour (AAAA-MM-JJ)"),
            Column("action", "receive, assign, move, reuse, erase, exit, switch_off"),
            Column("asset", "Équipement, par son nom"),
            Column("serial", "Numéro de série"),
            Column("role", "Qui l’a fait, par son rôle"),
            Column("state", "Statut après l’acte ; vide : une autre déclaration le donne"),
            Column("site", "Site après l’acte"),
            Column("place", "Local ou baie"),
            Column("assigned_to", "Affectation : un service ou un rôle"),
            Column("port", "Port où il est branché"),
            Column("labelled", "yes : son étiquette est posée"),
            Column("reference", "Commande, demande ou décision"),
            Column("method", "Méthode d’un effacement"),
            Column("evidence", "Fichier qui le prouve"),
            Column("sha256", "Empreinte SHA-256 de ce fichier"),
        ),
        _history,
    ),
    Table(
        "thin_client_lots",
        "Les lots de clients légers : leur étude, leur avis, leur PV (CCTP 4.1.3, 8.3)",
        (
            Column("lot", "Lot"),
            Column("label", "Ce qu’il est"),
            Column("site", "Site"),
            Column("planned_on", "Jour prévu"),
            Column("deployed_on", "Jour du déploiement"),
            Column("state", "without_study, refused, ready, deployed"),
            Column("thin_clients", "Clients légers", "integer"),
            Column("replaces", "Postes remplacés", "integer"),
            Column("study_on", "Jour de l’étude"),
            Column("study_by", "Qui l’a faite, par son rôle"),
            Column("verdict", "Avis : favourable, with_reserves, unfavourable"),
            Column("status", "État de la donnée ; to_confirm : un exemple"),
            Column("document", "PV, sous documents/vie"),
        ),
        _lots,
    ),
)
