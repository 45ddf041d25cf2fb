"""The decisions that wait for somebody: who by role, by when, what happens otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure
from piste.engine.words import agreed, some
from piste.readings.belief import FAILED
from piste.readings.table import DIRECTION, NETWORK, SYSTEMS
from piste.runs.plans import listed as plans
from piste.sites.conformity import Judged
from piste.sites.spending import WARNED, used
from piste.town.model.assets.classes import CLASSES
from piste.town.model.dates import today
from piste.town.model.decisions import Decided
from piste.town.model.derived import Derived
from piste.trials.restore.calendar import DUES, Due, calendar

AHEAD = timedelta(days=183)
"""Days before its end at which a contract, a licence or an equipment asks for a decision, without a declared notice."""
SOON = timedelta(days=30)
"""Days before its end at which a report or a decision that was taken is to be taken again."""
_RESTORES: Mapping[Due, tuple[str, str]] = {
    "unsigned": ("Signer le procès-verbal de la restauration", "elle ne compte pas comme prouvée"),
    "failed": ("Faire corriger, puis refaire la restauration", "rien ne prouve que cela revient"),
    "overdue": ("Fixer le jour de la restauration, dont la preuve est passée", "rien ne prouve plus que cela revient"),
    "never": ("Fixer le jour de la première restauration", "rien ne prouve que cela revient"),
}


_WRITE = "Décidez, puis inscrivez-le dans group_vars/all/decisions.yml."


class Decision(NamedTuple):
    """A decision that waits.

    `id` is stable: its kind, then its thing. `who` is a role, `by` a day, empty where nothing gives it. `taken` is the
    decision that was taken, while it holds.
    """

    id: str
    what: str
    who: str
    by: str
    otherwise: str
    todo: str
    taken: Decided | None = None


def decisions(town: Derived, environment: str, judged: Mapping[str, Judged]) -> list[Decision]:
    """List what waits for a decision, the nearest day first, and what was decided and holds.

    `judged` are the clauses. Plans or restores that cannot be read are a line of their own: some may wait.
    """
    if town.commune is None or town.errors:
        return []
    made = [*_plans(environment), *_restores(town, environment), *_ends(town), *_put_offs(town), *_equipment(town)]
    made += [*_clauses(judged), *_proposals(judged), *_spending(town)]
    day = today().isoformat()
    taken = sorted(town.commune["decisions"], key=lambda entry: (entry["done"] <= day, entry["done"]))
    known = {entry["decision"]: entry for entry in taken}
    made = [_with(decision, known.get(decision.id)) for decision in made]
    return sorted(made, key=lambda decision: (decision.taken is not None, decision.by or "9", decision.id))


def debt(town: Derived) -> list[Decision]:
    """List what is over or ends soon: contracts, licences, equipment, what was put off."""
    if town.commune is None or town.errors:
        return []
    return sorted((*_ends(town), *_equipment(town), *_put_offs(town)), key=lambda each: (each.by or "9", each.id))


def strays(town: Derived, waiting: Iterable[Decision]) -> list[str]:
    """Name the decisions that were taken on nothing that waits."""
    known = {decision.id for decision in waiting}
    return sorted({entry["decision"] for entry in (town.commune["decisions"] if town.commune else ())} - known)


def figures(every: Iterable[Decision]) -> Iterator[Figure]:
    """Yield the number of decisions that wait, for the history of figures."""
    waiting = [decision.taken is None for decision in every]
    yield Figure("decisions", sum(waiting), "", sum(waiting), len(waiting))


def _with(decision: Decision, taken: Decided | None) -> Decision:
    """Say what was decided, until it is to be decided again."""
    day = today().isoformat()
    over = taken and (taken["done"] > day or (taken["until"] or day) < day)
    return decision._replace(taken=taken) if taken and not over else decision


def _unread(kind: str, what: str, error: BaseException, who: str, todo: str) -> Decision:
    said = f"Faire lire {what}, que rien ne lit ({error or type(error).__name__})"
    return Decision(f"{kind}.unread", said, who, "", "une décision peut attendre sans que nul le sache", todo)


def _plans(environment: str) -> Iterator[Decision]:
    try:
        every = plans.listed(environment)
    except FAILED as error:
        yield _unread("plan", "les plans enregistrés", error, NETWORK, "piste doctor")
        return
    for plan in every:
        if plan.state in ("to_apply", "begun"):
            begun = plan.state == "begun"
            what = f"{'Finir' if begun else 'Appliquer ou abandonner'} le plan {plan.id}, enregistré par {plan.user}"
            otherwise = "il reste à demi fait" if begun else "rien ne change, et il vieillit"
            yield Decision(f"plan.{plan.id}", what, NETWORK, "", otherwise, f"piste plan show {plan.id}")


def _restores(town: Derived, environment: str) -> Iterator[Decision]:
    try:
        rows = calendar(town, environment)
    except FAILED as error:
        yield _unread("restore", "les essais de restauration", error, SYSTEMS, "piste restore list")
        return
    for row in rows:
        if row.due in _RESTORES:
            what, otherwise = _RESTORES[row.due]
            verb = "pv" if row.due == "unsigned" else "sheet"
            todo = f"piste restore {verb} {row.test['name']}"
            said = f"{what} : {row.test['label']} ({DUES[row.due]})"
            yield Decision(f"restore.{row.test['name']}", said, SYSTEMS, row.until or "", otherwise, todo)


def _ends(town: Derived) -> Iterator[Decision]:
    """Yield contracts and licences that end soon, then those without a known end, together."""
    assert town.commune
    unknown: list[str] = []
    for kind, entries in (("contract", town.commune["contracts"]), ("licence", town.commune["licences"])):
        for entry in entries:
            label, end = entry["label"], entry["end"]
            if not end:
                unknown += [] if entry.get("endless") else [label]
                continue
            months = entry.get("notice_months")
            notice = timedelta(days=31 * months) if isinstance(months, int) else timedelta()
            by = date.fromisoformat(end) - notice
            if by <= today() + AHEAD:
                ending = f"{'fini' if end < today().isoformat() else 'finit'} le {in_town(end, DAY)}"
                what = f"Reconduire, remplacer ou laisser finir : {label}, qui {ending}"
                yield Decision(f"{kind}.{entry['id']}", what, DIRECTION, by.isoformat(), "sans suite", _WRITE)
    if unknown:
        what = f"Dire la fin de {agreed(len(unknown), 'contrat(s) et licence(s)')} : {some(unknown, 6)}"
        otherwise = "aucune échéance n’est suivie"
        todo = "Inscrivez end dans group_vars/all/contracts.yml."
        yield Decision("contract.ends", what, DIRECTION, "", otherwise, todo)


def _put_offs(town: Derived) -> Iterator[Decision]:
    assert town.commune
    for entry in town.commune["put_off"]:
        if date.fromisoformat(entry["until"]) <= today() + SOON:
            what = f"Corriger, ou reporter encore : {entry['finding']}, reporté par {entry['name']} ({entry['reason']})"
            otherwise = "le constat redevient à corriger"
            todo = f"piste findings --subject {entry['finding'].partition('.')[0]}"
            yield Decision(f"report.{entry['finding']}", what, DIRECTION, entry["until"], otherwise, todo)


def _equipment(town: Derived) -> Iterator[Decision]:
    """Yield the equipment at the end of its life, by class and year."""
    last = (today() + AHEAD).isoformat()
    ending = [asset for asset in town.assets if asset["end_of_life"] and asset["end_of_life"] <= last]
    for (kind, year), count in sorted(Counter((a["kind"], str(a["end_of_life"])[:4]) for a in ending).items()):
        by = min(str(a["end_of_life"]) for a in ending if (a["kind"], str(a["end_of_life"])[:4]) == (kind, year))
        what = f"Remplacer ou garder {agreed(count, 'équipement(s)')} en fin de vie en {year} ({CLASSES[kind].plural})"
        otherwise = "ni correctif, ni garantie"
        yield Decision(f"equipment.{kind}-{year}", what, DIRECTION, by, otherwise, "piste inventory list")


def _clauses(judged: Mapping[str, Judged]) -> Iterator[Decision]:
    """Yield the acts that clauses ask of the direction, and that nobody has done, or again."""
    asked: dict[str, list[Judged]] = {}
    for made in judged.values():
        if made.clause.who == DIRECTION:
            for piece in made.lacking:
                if piece.act:
                    asked.setdefault(piece.act, []).append(made)
    for act, clauses in asked.items():
        named = ", ".join(f"{made.clause.id} ({made.clause.says})" for made in clauses)
        yield Decision(
            f"act.{act}", f"Faire, ou faire faire, l’acte « {act} », que demandent {named}", DIRECTION, "",
            "ces clauses restent sans preuve", f"piste conformity {clauses[0].clause.framework} {clauses[0].clause.id}",
        )  # fmt: skip


def _proposals(judged: Mapping[str, Judged]) -> Iterator[Decision]:
    """Yield the paper of proposals for Microsoft 365, where a rule of it is broken."""
    wrong = [id_ for id_ in ("R015", "O09") if id_ in judged and judged[id_].verdict == "broken"]
    if wrong:
        what = f"Accorder ou refuser les propositions pour Microsoft 365 (clauses {', '.join(wrong)})"
        otherwise = "les règles restent non tenues"
        yield Decision("proposals.microsoft-365", what, DIRECTION, "", otherwise, "piste proposals")


def _spending(town: Derived) -> Iterator[Decision]:
    """Yield the ceilings of this year that are nearly spent, or over."""
    year = today().year
    for rank, each in enumerate(used(town, year), 1):
        if each.percent >= WARNED:
            over = each.spent > each.ceiling
            what = f"{'Régulariser' if over else 'Choisir'} ce qui se commande encore en {year} ; {each.said}"
            otherwise = "le plafond du marché est dépassé" if over else "le plafond du marché le sera"
            todo = "Comptez dans group_vars/all/spending.yml."
            yield Decision(f"spending.{year}-{rank}", what, DIRECTION, f"{year}-12-31", otherwise, todo)
