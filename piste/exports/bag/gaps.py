"""The page of known gaps: unread, not exported, not returned the same.

It comes from the facts of the export and from the limits of the product; no awkward gap is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from piste.exports.bag.contents import Contents
from piste.exports.bag.documents import Documents
from piste.exports.bag.inventory import Gap, by_filler
from piste.exports.bag.kinds import KINDS
from piste.exports.runbooks.incidents import doubts
from piste.papers.frameworks.clauses import TENDER
from piste.sites.conformity import WORDS

_FILE = Path(__file__).parent / "templates" / "gaps.yml"
_TEXTS = yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader)
NOT_EXPORTED: Sequence[Mapping[str, str]] = _TEXTS["not_exported"]
"""Gaps beyond the driven systems: what, why, and where to take it."""
UNDRIVEN: Mapping[str, Mapping[str, Any]] = _TEXTS["undriven"]
"""The kinds of the driven systems that no module drives, and where to take them."""


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
    unlicensed: tuple[str, ...] = ()


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
    yield from _part("Les clauses du CCTP qui ne sont pas tenues, ou pas prouvées", _clauses(contents))
    yield from _part("Ce qui manque à l’inventaire, par qui peut le donner", _inventory(facts.inventory))
    yield from _part("Ce qui manque à ce sac-ci", _lacking(facts))
    unverified = doubts()
    yield from _part(
        f"Les notifications d’incident, à vérifier ({len(unverified)})", [f"{each}." for each in unverified]
    )
    lines = ["**{what}** : {why}. Où le prendre : {where}.".format(**gap) for gap in NOT_EXPORTED]
    yield from _part("Ce que Piste n’exporte pas", lines)
    for system, lacking in UNDRIVEN.items():
        yield from _part(f"{system} : ce que Piste ne pilote pas", _undriven(lacking["kinds"]))
        yield f"\nOù le prendre : {lacking['where']}."
    yield from _part("Ce qui ne revient pas à l’identique", _TEXTS["not_the_same"])


def _undriven(kinds: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for kind in kinds:
        yield f"{kind['what']}." + (f" Où le prendre : {kind['where']}." if "where" in kind else "")


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


def _clauses(contents: Contents) -> Iterator[str]:
    for verdict in ("broken", "unknown"):
        for made in contents.conformity.values():
            if made.clause.framework == TENDER and made.verdict == verdict:
                what = f"**{made.clause.id}** ({made.clause.place}), {made.clause.says} : {WORDS[verdict]}"
                yield f"{what}. {made.lacking[0].said}"


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
    if facts.documents.blanks:
        yield f"À renseigner, dans les documents de la Ville : {', '.join(facts.documents.blanks)}."
    if not facts.documents.reading:
        yield "Aucun document de la sobriété : aucun relevé n’est gardé (piste sobriety diagnose)."
    if not facts.documents.months:
        yield "Aucun rapport du mois : aucun n’est gardé (piste month)."
    if not facts.documents.audits:
        yield "Aucun audit initial : aucun n’est gardé (piste audit --to DOSSIER)."
    if not facts.documents.transfers:
        yield "Aucun procès-verbal de transfert : aucun n’est gardé (piste transfer paper)."
    if not facts.documents.joined:
        yield "Aucun autre document (exploitation, contrats, procès-verbaux signés) n’a été joint (--documents)."
    if not facts.wheels:
        yield "Les paquets Python n’y sont pas (--wheels) : il faut un accès à PyPI, ou un miroir, pour rejouer."
    if facts.unlicensed:
        packages = ", ".join(facts.unlicensed)
        yield f"La licence de ces paquets n’a pas été lue (repository/sbom.cdx.json) : {packages}."
    if facts.plan_age_days > facts.review_months * 30.5:
        yield f"Le plan de réversibilité n’a pas été relu depuis {facts.plan_age_days} jours."
