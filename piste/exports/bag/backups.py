"""The backups in a bag: protected sets, their last copies, F14 and RPO (CCTP 3.2.4)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import Column, Row, Table
from piste.readings.protection.figures import Figure, FigureId, figure, sources
from piste.readings.protection.judgment import Judged, judged
from piste.town.model import Town
from piste.town.model.dates import now


def _every(contents: Contents, town: Town) -> list[Judged]:
    return judged(town.commune["protection"], contents.backups, now()) if town.commune else []


def _sets(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in _every(contents, town):
        item, requirement = entry.item, entry.item["requirement"]
        yield {
            **item,
            "wanted": f"{requirement['copies']}-{requirement['media']}-{requirement['off_site']}",
            "immutable": requirement["immutable"],
            "keep_days": requirement["keep_days"],
            "exempt": requirement["exempt"],
            "state": entry.state,
            "proven": f"{entry.copies}-{entry.media}-{entry.off_site}",
            "age_hours": None if entry.age is None else round(entry.age, 1),
            "faults": list(entry.faults),
        }


def _copies(contents: Contents, town: Town) -> Iterator[Row]:
    """Give the last complete copy of each set in each of its stores, or why there is none."""
    for entry in _every(contents, town):
        for kept in entry.kept:
            last = kept.last
            yield {
                "set": entry.item["name"],
                "store": kept.store["name"],
                "medium": kept.store["medium"],
                "off_site": kept.store["off_site"],
                "read_at": kept.read_at.isoformat() if kept.read_at else None,
                "taken_at": last["taken_at"] if last else None,
                "id": last["id"] if last else None,
                "size_bytes": last["size_bytes"] if last else None,
                "immutable_until": last["immutable_until"] if last else None,
                "fresh": kept.fresh,
                "words": kept.words,
            }


def protection(contents: Contents, town: Town) -> Iterator[Row]:
    """Compute F14 and the share within the RPO, of each family, then of all."""
    if town.commune is None:
        return
    every, source = _every(contents, town), sources(town.commune["protection"], contents.backups)
    families = dict.fromkeys(entry.item["family"] for entry in every)
    ids: tuple[FigureId, ...] = ("F14", "RPO")
    for id_ in ids:
        for family in (*families, "*"):
            yield _row(family, figure(id_, [entry for entry in every if family in (entry.item["family"], "*")], source))


def _row(family: str, made: Figure) -> Row:
    return {
        **made,
        "figure": made["id"],
        "class": family,
        "attribute": "*",
        "percent": made["value"],
        # A family that is exempt as a whole lacks nothing.
        "reached": made["reached"] or (not made["denominator"] and bool(made["excluded"])),
        "unknown": made["unknown"],
        "excluded": [f"{entry['name']} ({entry['why']})" for entry in made["excluded"]],
    }


_SET = Column("set", "Ensemble protégé")
_STATUS = Column("status", "« to_confirm » : donnée d’exemple, à confirmer avec la DSI")

BACKUPS: tuple[Table, ...] = (
    Table(
        "protected_sets",
        "Les ensembles protégés, leur famille, et ce que prouvent les dernières lectures de leurs copies (CCTP 3.2.4)",
        (
            Column("name", "Nom"),
            Column("label", "Ce que c’est"),
            Column("kind", "Sorte : machine, share, database, directory, configurations, microsoft365"),
            Column("family", "Famille de services"),
            Column("site", "Site de l’original"),
            Column("server", "Serveur de l’original"),
            Column("parts", "Services ou systèmes concernés"),
            Column("rpo_hours", "RPO, en heures", "integer"),
            Column("rto_hours", "RTO, en heures", "integer"),
            Column("stores", "Où vont ses copies"),
            Column("wanted", "Demandé : exemplaires, supports, copies externalisées"),
            Column("immutable", "Une copie immuable est demandée", "boolean"),
            Column("keep_days", "Conservation, en jours", "integer"),
            Column("exempt", "Pourquoi moins que 3-2-1 suffit"),
            Column("state", "Verdict : ok, wrong, unknown"),
            Column("proven", "Prouvé : exemplaires, supports, copies externalisées"),
            Column("age_hours", "Âge de la dernière copie à sa lecture, en heures", "number"),
            Column("faults", "Ce qui manque, ou n’est pas su"),
            Column("source", "Où il est déclaré : fichier et ligne"),
            _STATUS,
        ),
        _sets,
    ),
    Table(
        "backup_copies",
        "La dernière copie de chaque ensemble en chacun de ses endroits, d’après la dernière lecture",
        (
            _SET,
            Column("store", "Endroit"),
            Column("medium", "Support : hci, disk, tape, object, cloud"),
            Column("off_site", "Copie externalisée", "boolean"),
            Column("read_at", "Lecture de l’endroit ; vide : il n’a pas été lu"),
            Column("taken_at", "Moment de la copie, en UTC"),
            Column("id", "Identifiant de la copie en cet endroit"),
            Column("size_bytes", "Taille, en octets", "integer"),
            Column("immutable_until", "Verrouillée jusqu’à ; vide : l’endroit ne le dit pas"),
            Column("fresh", "Assez récente ; vide : inconnu", "boolean"),
            Column("words", "Ce qui en est dit"),
        ),
        _copies,
    ),
)
PROTECTION = Table(
    "protection",
    "F14 : ensembles en 3-2-1, et ensembles dont la dernière copie est dans le RPO, par famille (CCTP 3.2.4)",
    (
        Column("figure", "Indicateur : F14, RPO"),
        Column("class", "Famille ; « * » : toutes"),
        Column("numerator", "Ensembles conformes", "integer"),
        Column("denominator", "Ensembles, les inconnus compris, sans les exemptés", "integer"),
        Column("percent", "Pourcentage ; vide : aucun n’a pu être jugé", "number"),
        Column("target", "Seuil, en pour cent", "number"),
        Column("reached", "Seuil atteint", "boolean"),
        Column("gaps", "Ensembles non conformes"),
        Column("unknown", "Ensembles inconnus, jamais comptés conformes"),
        Column("excluded", "Ensembles exemptés, et pourquoi"),
        Column("date", "Plus ancienne lecture"),
        Column("method", "Méthode"),
    ),
    protection,
)
