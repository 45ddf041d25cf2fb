"""The page of known gaps: unread, not exported, not returned the same.

It comes from the facts of the export and from the limits of the product; no awkward gap is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from piste.exports.bag.contents import Contents
from piste.exports.bag.documents import Documents
from piste.exports.bag.inventory import Gap, by_filler
from piste.exports.bag.kinds import KINDS
from piste.exports.bag.undriven import UNDRIVEN, WHERE, Undriven

NOT_EXPORTED: tuple[tuple[str, str, str], ...] = (
    (
        "Comptes d’utilisateurs et d’ordinateurs de l’annuaire",
        "leurs mots de passe ne se relisent pas",
        "sauvegarde d’un contrôleur ; les groupes et leurs membres sont dans le sac",
    ),
    (
        "Secrets des Nexus",
        "leur configuration est dans le sac, en texte, ses mots de passe, clés et communautés masqués",
        "copy running-config sur chacun, dans le coffre",
    ),
    (
        "Contenu des disques des machines, et leurs sauvegardes",
        "ce sont des données, non des réglages",
        "l’outil de sauvegarde, dont inventories/backup_copies dit les copies, et un procès-verbal de restauration",
    ),
    ("Microsoft 365, Citrix, téléphonie, antivirus", "non pilotés", "exports de chaque outil, à joindre aux documents"),
    (
        "Comptes des agents, droits dans chaque application, pièces des contrats et des marchés",
        "la déclaration dit qui administre, et ce que couvrent contrats et licences, non leurs pièces",
        "l’annuaire et chaque console ; la commande publique ; withdraw.yml liste ceux qui administrent chaque système",
    ),
    (
        "Mesures des postes : états, sessions par heure, programmes",
        "les heures d’un poste sont presque celles d’une personne ; le sac a ce qui en est conclu, sans sessions",
        "le partage des mesures, que chaque poste remplit à nouveau chaque jour",
    ),
    (
        "État des équipements, des ports, des tunnels, et versions en service",
        "ce sont des relevés, non des réglages",
        "le dernier constat de chaque site (piste verify), et chaque console",
    ),
    (
        "Machines virtuelles : système et fin de son suivi",
        "la déclaration ne les porte pas",
        "l’inventaire de GLPI, ou Prism Central",
    ),
)
"""Gaps beyond the driven systems (`UNDRIVEN`): what, why, and where to take it."""

NOT_THE_SAME: tuple[str, ...] = (
    "Un SSID, un client RADIUS ou un objet dont le secret n’est pas fourni est rejoué hors service, et listé.",
    "Une file d’impression ne se crée pas : elle doit exister, avec son pilote, avant que ses réglages soient rejoués.",
    "Un serveur de journaux du SMC vient avec son installation : sous un autre nom, ce qu’il renvoie n’est pas rejoué.",
    "Piste n’écrit pas sur un Nexus : sa configuration se recharge à la console, les secrets masqués y étant redonnés.",
    "Un équipement Meraki doit d’abord être au nom de l’organisation qui le reçoit.",
    "Une machine virtuelle est rejouée vide : son contenu revient de la sauvegarde.",
    "Les identifiants internes de chaque système (réseau, stratégie, machine) sont neufs ; rien du sac ne s’en sert.",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of an export outside its files: state of the tree, journal, plan, missing documents."""

    clean: bool
    months: int
    documents: Documents
    wheels: int
    plan_age_days: int
    review_months: int
    figures: tuple[Mapping[str, Any], ...] = ()
    inventory: tuple[Gap, ...] = ()


def page(contents: Contents, facts: Facts) -> str:
    """Write the page, in Markdown."""
    return "\n".join(_lines(contents, facts)) + "\n"


def _lines(contents: Contents, facts: Facts) -> Iterator[str]:
    yield "# Lacunes connues"
    yield ""
    yield "Ce que ce sac n’a pas, a en partie, ou ne rend pas à l’identique. Écrit par l’export lui-même."
    yield from _part("Ce qui n’a pas pu être lu", _unread(contents))
    remarks = [f"{domain} : {remark}" for domain, said in sorted(contents.remarks.items()) for remark in said]
    yield from _part("Ce qui a été lu en partie, ou appelle une remarque", remarks)
    yield from _part("Ce qui est en dessous de ce qui est demandé", _below(facts))
    yield from _part("Ce qui manque à l’inventaire, par qui peut le donner", _inventory(facts.inventory))
    yield from _part("Ce qui manque à ce sac-ci", _lacking(facts))
    lines = [f"**{what}** : {why}. Où le prendre : {where}." for what, why, where in NOT_EXPORTED]
    yield from _part("Ce que Piste n’exporte pas", lines)
    for system, kinds in UNDRIVEN.items():
        yield from _part(f"{system} : ce que Piste ne pilote pas", _undriven(kinds))
        yield f"\nOù le prendre : {WHERE[system]}."
    yield from _part("Ce qui ne revient pas à l’identique", NOT_THE_SAME)


def _undriven(kinds: Iterable[Undriven]) -> Iterator[str]:
    for kind in kinds:
        yield f"{kind.what}." + (f" Où le prendre : {kind.where}." if kind.where else "")


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", f"## {title}")
    yield from [f"- {line}" for line in lines] or ["- Rien."]


def _unread(contents: Contents) -> Iterator[str]:
    for domain, missing in contents.unread.items():
        kinds = ", ".join(kind.name for kind in KINDS if kind.domain == domain and contents.state(kind) == "unknown")
        why = " ".join(dict.fromkeys(missing.values()))
        yield f"**{domain}**{f' ({kinds})' if kinds else ''}, fichiers absents : {', '.join(sorted(missing))}. {why}"


_NAMED = {"gaps": "en écart", "unknown": "inconnus"}
_COUNTED = {"to_confirm": "à confirmer", "placeholder": "tenant lieu de valeur", "empty": "vides"}


def _below(facts: Facts) -> Iterator[str]:
    for row in facts.figures:
        if not row["reached"]:
            value = "inconnu" if row["percent"] is None else f"{row['percent']} %"
            of = f"{row['numerator']} sur {row['denominator']}"
            what = ", ".join((row["figure"], row["class"], row["attribute"]))
            counted = ", ".join(f"{row[name]} {words}" for name, words in _COUNTED.items() if row.get(name))
            # A family names its sets: those that lack a copy, those that nothing read.
            named = [(words, row.get(name)) for name, words in _NAMED.items() if row["class"] != "*"]
            sets = [f"{words} : {', '.join(names)}" for words, names in named if isinstance(names, list) and names]
            whole = f"{what} : {value} ({of}), pour {row['target']} % demandés"
            yield " ; ".join([whole, *filter(None, [counted]), *sets])


def _inventory(listed: Iterable[Gap]) -> Iterator[str]:
    for filler, lines in by_filler(listed):
        yield f"**{filler}** : {' ; '.join(lines)}"


def _lacking(facts: Facts) -> Iterator[str]:
    if not facts.clean:
        yield "Le dépôt avait des changements non enregistrés : le paquet git ne les contient pas."
    if not facts.months:
        yield "Aucune exécution au journal de ce poste : le dossier journal est vide."
    if facts.documents.unverified:
        names = ", ".join(facts.documents.unverified)
        yield f"Aucun procès-verbal de recette, faute de vérification (piste verify) : {names}."
    if not facts.documents.reading:
        yield "Aucun document de la sobriété : aucun relevé n’est gardé (piste sobriety diagnose)."
    if not facts.documents.joined:
        yield "Aucun autre document (exploitation, contrats, procès-verbaux signés) n’a été joint (--documents)."
    if not facts.wheels:
        yield "Les paquets Python n’y sont pas (--wheels) : il faut un accès à PyPI, ou un miroir, pour rejouer."
    if facts.plan_age_days > facts.review_months * 30.5:
        yield f"Le plan de réversibilité n’a pas été relu depuis {facts.plan_age_days} jours."
