"""The inventories of assets in a bag: the whole list, and the classes with their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import NAME, SITE, STATUS, Column, Row, Table
from piste.town.model import Town
from piste.town.model.assets.classes import CLASSES, ITIL


def _assets(contents: Contents, town: Town) -> Iterator[Row]:
    for asset in town.assets:
        entry = CLASSES[asset["kind"]]
        yield {**asset, "class": asset["kind"], "itil": entry.itil, "glpi": entry.glpi, "watched_by": entry.watch.by}


def _classes(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in CLASSES.values():
        states = Counter(asset["state"] for asset in town.assets if asset["kind"] == entry.name)
        yield {
            "class": entry.name,
            "label": entry.label,
            "itil": entry.itil,
            "itil_label": ITIL[entry.itil],
            "glpi": entry.glpi,
            "mandatory": entry.mandatory,
            "watched_by": entry.watch.by,
            "watch": entry.watch.how or entry.watch.why,
            "readers": entry.readers,
            "count": states.total() - states["retired"],
            "retired": states["retired"],
        }


LIFE = (
    Column("assigned_to", "Affectation : un service ou un rôle ; à défaut le site ou la grappe que sert l’équipement"),
    Column("state", "Statut : awaited (attendu), in_service, stock, reuse (réemploi), leaving (site fermant), retired"),
    Column("warranty_until", "Fin de la garantie (AAAA-MM-JJ)"),
    Column("end_of_life", "Fin de vie prévisionnelle (AAAA-MM-JJ)"),
)
"""Columns of the life of an asset (CCTP 3.4.1)."""

ASSET_TABLES: tuple[Table, ...] = (
    Table(
        "assets",
        "L’inventaire (CMDB) : chaque équipement, chaque machine, et ce que le CCTP veut en savoir (3.4.1)",
        (
            Column("class", "Classe : son libellé est dans asset_classes"),
            Column("variant", "Variante : desktop, laptop, mac, thin_client, public, school ; copier, printer"),
            NAME,
            Column("serial", "Numéro de série ; une machine virtuelle n’en a pas"),
            Column("maker", "Constructeur"),
            Column("model", "Modèle ; d’une machine virtuelle, son rôle"),
            SITE,
            Column("place", "Local ou baie"),
            *LIFE,
            Column("contract", "Contrat qui le couvre"),
            Column("address", "Adresse, si elle est réservée"),
            Column("mac", "Adresse MAC"),
            Column("itil", "Classe d’élément de configuration (ITIL)"),
            Column("glpi", "Type d’objet dans GLPI"),
            Column("watched_by", "Supervision : server, collector ou none"),
            STATUS,
            Column("doubted", "Attributs à confirmer, qu’une autre ligne donne"),
            Column("source", "Où il est déclaré : fichier et ligne"),
        ),
        _assets,
    ),
    Table(
        "asset_classes",
        "Les classes de l’inventaire : ce qu’elles doivent dire, leur supervision, le parc par classe",
        (
            Column("class", "Classe"),
            Column("label", "Libellé"),
            Column("itil", "Classe d’élément de configuration (ITIL)"),
            Column("itil_label", "Libellé de cette classe"),
            Column("glpi", "Type d’objet dans GLPI"),
            Column("mandatory", "Attributs obligatoires (CCTP 3.4.1)"),
            Column("watched_by", "Supervision : server, collector ou none"),
            Column("watch", "Comment ; sinon, pourquoi non"),
            Column("readers", "Systèmes qui savent la lire"),
            Column("count", "Nombre, sans ceux qui sont sortis", "integer"),
            Column("retired", "Sortis de l’inventaire", "integer"),
        ),
        _classes,
    ),
)
