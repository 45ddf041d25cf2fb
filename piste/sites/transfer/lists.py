"""The lists of the papers of the transfer, from the declaration; None is what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from piste.papers.dossier import document, notation
from piste.papers.dossier.reversibility_plan import Plan
from piste.sites.dossiers import parties
from piste.sites.transfer.form import Declared, Line, PaperList, copies
from piste.systems import kinds
from piste.town.model import Town
from piste.town.model.accounts import Account
from piste.town.model.assets.classes import CLASSES
from piste.town.model.incidents import IncidentKind
from piste.town.model.secrets import paths
from piste.town.model.site import Commune

BY_HAND = ""
"""A cell that people write on the paper."""
RIGHTS = {"all": "tous", "some": "une partie", "read": "lecture"}
KINDS = {"nominative": "nominatif", "technical": "technique", "emergency": "de secours", "third_party": "d’un tiers"}


class Source(NamedTuple):
    """The source of a list."""

    town: Town
    commune: Commune
    plan: Plan
    declared: Declared


class Form(NamedTuple):
    """A list: its caption, its columns with their widths, its rows, `empty` for no row."""

    caption: str
    columns: Mapping[str, float]
    rows: Callable[[Source], Iterable[Line]]
    empty: str = "Néant."


def listed(name: str, source: Source) -> PaperList:
    """Make a list of a paper."""
    form = LISTS[name]
    return PaperList(
        key=name, caption=form.caption, heads=[*form.columns], widths=[*form.columns.values()],
        rows=[*form.rows(source)], empty=form.empty,
    )  # fmt: skip


def _mine(source: Source) -> Iterator[Account]:
    """Give the accounts of the systems of a paper; all where it names none."""
    wanted = {*source.declared.systems}
    yield from (made for made in source.commune["accounts"] if not wanted or wanted & {*made["systems"]})


def _accounts(source: Source) -> Iterator[Line]:
    for made in _mine(source):
        factor = None if made["mfa"] is None else notation.yes(made["mfa"])
        yield made["login"], ", ".join(made["systems"]), KINDS.get(made["kind"] or ""), made["holder"], factor, BY_HAND


def _rights(source: Source) -> Iterator[Line]:
    for made in sorted(_mine(source), key=lambda made: made["login"].casefold()):
        for system in made["systems"]:
            until = notation.day(made["until"]) if made["until"] else "sans fin"
            yield system, made["login"], RIGHTS.get(made["rights"] or ""), until, BY_HAND


def _joint(source: Source) -> Iterator[Line]:
    declared = source.commune["transfer"]["lots"]
    for lot in source.plan.lots:
        yield lot, ", ".join(declared[lot]["joint"]) or None if lot in declared else None


def _equipment(source: Source) -> Iterator[Line]:
    for kind, entry in CLASSES.items():
        mine = [asset for asset in source.town.assets if asset["kind"] == kind and asset["state"] != "retired"]
        if mine and (not source.declared.classes or kind in source.declared.classes):
            serials, sites = sum(bool(asset["serial"]) for asset in mine), {asset["site"] for asset in mine}
            yield entry.plural, str(len(mine)), str(len(sites)), str(len(mine) - serials), BY_HAND


def _documents(source: Source) -> Iterator[Line]:
    """Give each kind of document, its number of subjects, its version."""
    sites = [name for name, owner in source.town.owners.items() if owner["lifecycle"] in ("open", "closing")]
    counts = ((document.TOWN_KINDS, 1), (document.KINDS, len([name for name in sites if name in source.town.sites])),
              (document.PARTY_KINDS, len(parties(source.town))))  # fmt: skip
    known = source.town.documents
    for every, count in counts:
        for kind in every:
            yield kind.title, str(count), known.version(kind.name) if known else None
    yield "Plans de reprise et de continuité", "2", "celle du sac"
    kinds_with_steps = {*get_args(IncidentKind.__value__)} - {"other"}
    yield "Procédures d’incident, une par sorte", str(len(kinds_with_steps)), "celle du sac"
    yield "Pages d’exploitation du dépôt (docs)", "1", "celle du commit"


def _received(rows: Callable[[Source], Iterable[Line]], empty: int = 1) -> Callable[[Source], Iterator[Line]]:
    """Add to rows the cells that people write on the day."""
    return lambda source: ((*row, *[BY_HAND] * empty) for row in rows(source))


def _data(source: Source) -> Iterator[Line]:
    for made in source.commune["personal_data"]["processings"].values():
        yield made["label"], ", ".join(made["systems"]), made["returned"], BY_HAND


def _exports(source: Source) -> Iterator[Line]:
    for domain in source.declared.domains or kinds.DOMAINS:
        mine = [kind for kind in kinds.KINDS if kind.domain == domain and not kind.unexported]
        yield domain, str(len(mine)), f"data/systems/{domain}", BY_HAND


def _holders(source: Source) -> Iterator[Line]:
    declared: Sequence[str | None] = source.commune["transfer"]["holders"]
    for role in declared or [None]:
        yield role, BY_HAND, BY_HAND, BY_HAND


def _secrets(source: Source) -> Iterator[Line]:
    every = {path for owner in (source.commune, *source.town.sites.values()) for path in paths(owner)}
    for path in sorted(every):
        yield path, BY_HAND


def _certificates(source: Source) -> Iterator[Line]:
    for made in source.commune["certificates"]["certificates"]:
        end = notation.day(made["not_after"]) if made["not_after"] else None
        yield made["name"], made["owner"], made["key_place"] or None, end


def _conditions(source: Source) -> Iterator[Line]:
    yield from ((said, BY_HAND, BY_HAND) for said in source.plan.conditions)


def _freezes(source: Source) -> Iterator[Line]:
    declared = source.commune["transfer"]["lots"]
    for lot in source.plan.lots:
        days = declared.get(lot)
        begun, ended, switched = (days["freeze_from"], days["freeze_until"], days["switch_on"]) if days else (None,) * 3
        yield lot, *(notation.day(day) if day else None for day in (begun, ended, switched))


def _points(source: Source) -> Iterator[Line]:
    for made in source.commune["transfer"]["points"]:
        by = notation.day(made["by"]) if made["by"] else "—"
        todo, who = made["todo"] or "—", made["who"] or "—"
        yield notation.day(made["day"]), made["lot"] or "tous", made["says"], todo, who, by


def _communication(source: Source) -> Iterator[Line]:
    for made in source.commune["transfer"]["communication"]:
        yield made["audience"], made["says"], made["channel"], made["when"], made["who"]


def _sites(source: Source) -> Iterator[Line]:
    for site in source.town.sites.values():
        if site["lifecycle"] in ("open", "closing"):
            yield site["name"], BY_HAND, BY_HAND


def _thin_clients(source: Source) -> Iterator[Line]:
    for lot in source.commune["thin_client_lots"]:
        yield lot["label"], lot["site"], str(len(lot["thin_clients"])), BY_HAND


def _licences(source: Source) -> Iterator[Line]:
    for made in source.commune["licences"]:
        if made["publisher"] == "microsoft":
            end = "sans fin" if made["endless"] else notation.day(made["end"]) if made["end"] else None
            yield made["label"], None if made["seats"] is None else str(made["seats"]), end, BY_HAND


LISTS: Mapping[str, Form] = {
    "accounts": Form("Comptes d’administration", {"Compte": 3, "Systèmes": 3, "Genre": 1.6, "Détenteur": 2,
                     "Second facteur": 1.4, "Reçu par": 2}, _accounts),
    "rights": Form("Droits, système par système", {"Système": 2, "Compte": 3, "Droits": 1.6, "Jusqu’au": 1.6,
                   "Constaté": 1.6}, _rights),
    "joint": Form("Accès conjoints, pendant la co-exploitation", {"Lot": 2, "Comptes": 5}, _joint),
    "equipment": Form("Matériels, par classe ; le détail est dans le sac", {"Classe": 3, "Nombre": 1.2, "Sites": 1.2,
                      "Sans série": 1.4, "Comptés": 1.6}, _equipment),
    "documents": Form("Documents remis", {"Document": 5, "Nombre": 1.2, "Version": 1.5, "Reçu": 1.6},
                      _received(_documents)),
    "validation": Form("Documents à valider", {"Document": 4, "Nombre": 1.1, "Version": 1.3, "Lu par": 2,
                       "Validé, réserve ou refus": 3}, _received(_documents, 2)),
    "data": Form("Données personnelles, d’après le registre", {"Traitement": 2.5, "Systèmes": 2.5,
                 "Comment elles reviennent": 5, "Rendu le": 1.5}, _data, "Aucun traitement n’est au registre."),
    "exports": Form("Exports du sac, par domaine", {"Domaine": 2, "Genres d’objets": 1.5, "Dossier": 3,
                    "Vérifié": 1.5}, _exports),
    "holders": Form("Détenteurs des parts, deux sur trois", {"Fonction": 2, "Personne": 3,
                    "Empreinte de la part (SHA-256)": 4, "Remise le": 1.6}, _holders),
    "secrets": Form("Secrets du coffre, par leur chemin, sans valeur", {"Chemin": 5, "Changé le": 2}, _secrets),
    "certificates": Form("Certificats, et où vit leur clé", {"Certificat": 2.5, "Responsable": 2, "Clé": 4,
                         "Échéance": 1.6}, _certificates),
    "conditions": Form("Conditions de bascule du plan de réversibilité", {"Condition": 6, "Constatée": 1.6,
                       "Réserve": 3}, _conditions),
    "freezes": Form("Gel et bascule de chaque lot", {"Lot": 2, "Gel du": 1.6, "au": 1.6, "Bascule le": 1.6}, _freezes),
    "points": Form("Points quotidiens", {"Jour": 1.5, "Lot": 1.5, "Ce qui a été dit": 4, "Suite": 3, "Qui": 1.5,
                   "Pour le": 1.5}, _points, "Aucun point n’est inscrit."),
    "communication": Form("Plan de communication", {"À qui": 3, "Quoi": 3, "Comment": 2, "Quand": 2, "Par qui": 2},
                          _communication, "Aucun message n’est prévu."),
    "sites": Form("Sites en service", {"Site": 4, "PV de recette": 2, "Réserve": 3}, _sites),
    "thin_clients": Form("Lots de clients légers", {"Lot": 3, "Site": 2, "Machines": 1.4, "Constaté": 1.6},
                         _thin_clients, "Aucun lot n’est déclaré."),
    "licences": Form("Licences Microsoft", {"Licence": 4, "Nombre": 1.4, "Fin": 1.6, "Titulaire constaté": 2},
                     _licences, "Aucune licence n’est déclarée."),
    "copies": Form("Copies du sortant", {"Où": 3, "Comment c’est effacé": 3, "Comment c’est contrôlé": 3,
                   "Effacé le": 1.5, "Preuve": 2}, lambda source: ((*row, BY_HAND, BY_HAND) for row in copies())),
}  # fmt: skip
