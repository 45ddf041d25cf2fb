"""Inventories of a bag besides hardware: parties, contracts, licences, accounts, relations."""

from __future__ import annotations

from collections.abc import Iterator

from piste.exports.bag.contents import Contents
from piste.exports.bag.table import STATUS, Column, Row, Table
from piste.town.model import Town
from piste.town.model.itil import mapping
from piste.town.model.relations import relations


def _parties(contents: Contents, town: Town) -> Iterator[Row]:
    for party in town.commune["third_parties"] if town.commune else ():
        plan = party["interface"]
        parts = {name: len(plan[name]) if plan else 0 for name in ("contacts", "delays", "escalation")}
        approval = {name: plan[name] if plan else None for name in ("approved_by", "approved_on")}
        yield {**party, **parts, **approval}


def _plans(contents: Contents, town: Town) -> Iterator[Row]:
    for party in town.commune["third_parties"] if town.commune else ():
        plan = party["interface"]
        for part in ("contacts", "delays", "escalation") if plan else ():
            for rank, item in enumerate(plan[part] if plan else (), 1):
                yield {**item, "third_party": party["id"], "part": part, "rank": rank}


def _contracts(contents: Contents, town: Town) -> Iterator[Row]:
    for contract in town.commune["contracts"] if town.commune else ():
        yield {**contract, **{f"covers_{name}": value for name, value in contract["covers"].items()}}


def _licences(contents: Contents, town: Town) -> Iterator[Row]:
    yield from town.commune["licences"] if town.commune else ()


def _applications(contents: Contents, town: Town) -> Iterator[Row]:
    yield from town.commune["applications"] if town.commune else ()


def _accounts(contents: Contents, town: Town) -> Iterator[Row]:
    for account in town.commune["accounts"] if town.commune else ():
        secret = account["secret"]
        yield {**account, "secret": secret["secret"] if secret else None}


def _relations(contents: Contents, town: Town) -> Iterator[Row]:
    for kind, source, target in relations(town):
        yield {
            "relation": kind,
            "source_class": source.kind,
            "source": source.name,
            "target_class": target.kind,
            "target": target.name,
        }


def _itil(contents: Contents, town: Town) -> Iterator[Row]:
    for entry in mapping():
        yield {"class": entry.name, "label": entry.label, "itil": entry.itil, "glpi": entry.glpi}


def _c(name: str, doc: str, type: str = "string") -> Column:
    return Column(name, doc, type)


_ID, _LABEL = _c("id", "Identifiant"), _c("label", "Nom, tel qu’on le lit")
_CCTP = _c("cctp", "Article du CCTP")
_TERM = (_c("start", "Premier jour (AAAA-MM-JJ)"), _c("end", "Dernier jour compris (AAAA-MM-JJ)"))
_RENEWAL = _c("renewal", "Reconduction : none, tacit, express")

RECORD_TABLES: tuple[Table, ...] = (
    Table(
        "third_parties",
        "Les tiers : opérateurs, fournisseurs, éditeurs, centrales d’achat",
        (
            _ID,
            _LABEL,
            _c("kind", "Genre : operator, supplier, publisher, purchasing_body, incumbent, authority"),
            _c("scope", "Ce dont il répond"),
            _CCTP,
            _c("website", "Adresse de son site"),
            _c("plan_due", "Un plan d’interface est dû avec lui", "boolean"),
            _c("contacts", "Points de contact du plan", "integer"),
            _c("delays", "Délais du plan", "integer"),
            _c("escalation", "Étapes de l’escalade", "integer"),
            _c("approved_by", "Qui a approuvé le plan"),
            _c("approved_on", "Jour de l’approbation (AAAA-MM-JJ)"),
            STATUS,
        ),
        _parties,
    ),
    Table(
        "interface_plans",
        "Les plans d’interface : points de contact, délais, escalade de chaque tiers",
        (
            _c("third_party", "Identifiant du tiers"),
            _c("part", "Partie : contacts, delays, escalation"),
            _c("rank", "Rang dans cette partie, à partir de 1", "integer"),
            _c("role", "Fonction du point de contact"),
            _c("name", "Nom de la personne, s’il est donné"),
            _c("mail", "Adresse électronique"),
            _c("phone", "Téléphone"),
            _c("hours", "Quand il répond"),
            _c("event", "Ce que mesure le délai"),
            _c("within", "Délai"),
            _c("to", "Qui est appelé à cette étape"),
            _c("after", "Au bout de combien de temps sans réponse"),
            STATUS,
        ),
        _plans,
    ),
    Table(
        "contracts",
        "Les contrats : avec qui, par quel marché, ce qu’ils couvrent",
        (
            _ID,
            _LABEL,
            _c("supplier", "Identifiant du tiers"),
            _c("vehicle", "Marché ou centrale d’achat"),
            _c("purchasing_body", "Identifiant de la centrale d’achat"),
            _c("reference", "Numéro du contrat"),
            _c("scope", "Ce qu’il comprend"),
            *_TERM,
            _RENEWAL,
            _c("notice_months", "Préavis, en mois", "integer"),
            _c("covers_classes", "Classes de l’inventaire qu’il couvre"),
            _c("covers_assets", "Éléments de l’inventaire qu’il couvre, par leur nom"),
            _c("covers_applications", "Applications qu’il couvre, par leur identifiant"),
            _c("covers_links", "Couvre les liaisons du fournisseur", "boolean"),
            _CCTP,
            STATUS,
        ),
        _contracts,
    ),
    Table(
        "licences",
        "Les licences : typologie, durée, éditeur, périmètre couvert (CCTP 4.2.4)",
        (
            _ID,
            _LABEL,
            _c("type", "Typologie : subscription, perpetual, maintenance, open_source"),
            _c("publisher", "Identifiant de l’éditeur"),
            _c("scope", "Périmètre couvert"),
            _c("metric", "Ce que compte une licence"),
            _c("seats", "Nombre de licences", "integer"),
            _c("applications", "Applications, par leur identifiant"),
            _c("contract", "Identifiant du contrat qui la porte"),
            *_TERM,
            _RENEWAL,
            _c("endless", "N’a pas de fin à donner", "boolean"),
            _CCTP,
            STATUS,
        ),
        _licences,
    ),
    Table(
        "applications",
        "Les applications : les lignes du tableau 3.5.1 du CCTP, puis les logiciels de tous",
        (
            _ID,
            _c("row", "Ligne du tableau 3.5.1 du CCTP", "integer"),
            _LABEL,
            _c("publisher", "Identifiant de l’éditeur"),
            _c("services", "Services qui s’en servent"),
            _c("hosting", "saas ou on_premise"),
            _c("state", "in_service, to_clarify, decommissioned"),
            _c("same_as", "Application dont celle-ci est une autre ligne"),
            _c("machines", "Machines qui la portent"),
            _c("site", "Site où elle sert, s’il n’y en a qu’un"),
            _c("url", "Adresse où ses utilisateurs l’ouvrent"),
            _c("flows", "Flux qui la servent"),
            _c("needs", "Machines et applications sans lesquelles elle s’arrête"),
            _c("certificates", "Certificats"),
            _c("critical", "Critique", "boolean"),
            _c("version", "Version en service"),
            _c("version_on", "Jour où la version a été relevée (AAAA-MM-JJ)"),
            _c("prerequisites", "Prérequis de l’éditeur"),
            _c("way_back", "Comment revenir d’une mise à jour"),
            _c("note", "Remarque"),
            _CCTP,
            STATUS,
        ),
        _applications,
    ),
    Table(
        "accounts",
        "Les comptes, nominatifs, techniques, d’urgence, de tiers ; les habilitations de l’annuaire sont dans groups",
        (
            _c("login", "Nom ou adresse avec quoi le compte se connecte ; * vaut tout texte"),
            _c("kind", "Genre : nominative, technical, emergency, third_party ; vide : rien ne le décrit"),
            _c("systems", "Systèmes, applications, machines où il a des droits"),
            _c("administers", "Systèmes pilotés dont il est administrateur déclaré"),
            _c("rights", "Droits : all, some, read"),
            _c("holder", "Qui en répond : un service de la Ville, ou l’identifiant d’un tiers"),
            _c("purpose", "À quoi il sert"),
            _c("mfa", "Second facteur", "boolean"),
            _c("until", "Dernier jour compris (AAAA-MM-JJ)"),
            _c("reviewed_on", "Dernière revue (AAAA-MM-JJ)"),
            _c("secret", "Chemin de son mot de passe dans le coffre, jamais sa valeur"),
            STATUS,
        ),
        _accounts,
    ),
    Table(
        "relations",
        "Les relations entre éléments : hébergement, raccordement, dépendance, supervision, contrat",
        (
            _c("relation", "hosted_on, connected_to, depends_on, watched_by, covered_by"),
            _c("source_class", "Classe du premier élément"),
            _c("source", "Premier élément"),
            _c("target_class", "Classe du second"),
            _c("target", "Second élément : celui qui héberge, dont on dépend, qui surveille, qui couvre"),
        ),
        _relations,
    ),
    Table(
        "itil_classes",
        "Chaque classe de l’inventaire, sa classe ITIL et son type dans GLPI (CCTP 5.6)",
        (
            _c("class", "Classe"),
            _c("label", "Libellé"),
            _c("itil", "Classe d’élément de configuration (ITIL 4, ISO/IEC 20000-1:2018)"),
            _c("glpi", "Type d’objet dans GLPI ; vide : n’y est pas poussé"),
        ),
        _itil,
    ),
)
