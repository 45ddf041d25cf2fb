"""The decisions that wait for somebody: who by role, by when, what happens otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.figure import Figure
from piste.engine.words import agreed, some
from piste.papers.dossier import notation
from piste.papers.frameworks.clauses import words
from piste.readings.belief import FAILED
from piste.readings.subject import named
from piste.readings.table import DIRECTION, NETWORK, SYSTEMS
from piste.runs.plans import listed as plans
from piste.runs.records.chain import journal_folder
from piste.runs.records.decided import Compared, compare
from piste.sites.conformity import Judged
from piste.sites.spending import WARNED, used
from piste.town.model.assets.classes import CLASSES
from piste.town.model.assets.derived import Asset
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


ALIKE = 3
"""Decisions alike that are a line together where people read."""
_PROMISES = "piste.exports.runbooks.promised:findings"
_WRITE = "Décidez, puis inscrivez-le dans group_vars/all/decisions.yml."


class Cost(NamedTuple):
    """The declared cost of a decision, in euros without tax: of a year, or of what is bought.

    It is known for `known` things of `of`.
    """

    euros: float
    yearly: bool = False
    known: int = 1
    of: int = 1

    @property
    def said(self) -> str:
        amount = notation.measure(self.euros, "€ HT", 0 if self.euros == round(self.euros) else 2)
        part = f" pour {self.known} sur {self.of}, le reste inconnu" if self.known < self.of else ""
        return f"{amount}{' par an' if self.yearly else ''}{part}"


class Decision(NamedTuple):
    """A decision that waits.

    `id` is stable: its kind, then its thing. `who` is a role, `by` a day, empty where nothing gives it. `taken` is the
    decision that was taken, while it holds; `cost` is None where nobody declares it. `ask` is what others like it ask
    too, and `thing` what this is about: empty where it is alone of its kind.
    """

    id: str
    what: str
    who: str
    by: str
    otherwise: str
    todo: str
    cost: Cost | None = None
    taken: Decided | None = None
    ask: str = ""
    thing: str = ""

    @property
    def priced(self) -> str:
        return self.cost.said if self.cost else ""


def decisions(town: Derived, environment: str, judged: Mapping[str, Judged]) -> list[Decision]:
    """List what waits for a decision, the nearest day first, and what was decided and holds.

    `judged` are the clauses. Plans or restores that cannot be read are a line of their own: some may wait.
    """
    if town.commune is None or town.errors:
        return []
    made = [*_plans(environment), *_restores(town, environment), *_ends(town), *_put_offs(town), *_equipment(town)]
    made += [*_clauses(judged), *_proposals(judged), *_spending(town), *_promises(town, environment)]
    day = today().isoformat()
    taken = sorted(town.commune["decisions"], key=lambda entry: (entry["done"] <= day, entry["done"]))
    known = {entry["decision"]: entry for entry in taken}
    made = [_with(decision, known.get(decision.id)) for decision in made]
    return sorted(made, key=lambda decision: (decision.taken is not None, decision.by or "9", decision.id))


def gathered(every: Iterable[Decision], named: int) -> list[tuple[Decision, int]]:
    """Put decisions that ask the same on a line, with their number, from three on.

    `named`: how many of their things the line names. `every` is sorted: the line has the nearest day.
    """
    alike: dict[tuple[str, str], list[Decision]] = {}
    for each in every:
        alike.setdefault((each.ask or each.id, each.who), []).append(each)
    made: list[tuple[Decision, int]] = []
    for (ask, _), mine in alike.items():
        if len(mine) < ALIKE:
            made += [(each, 1) for each in mine]
        else:
            what = f"{ask} ({len(mine)}) : {some([each.thing for each in mine], named, " ; ")}"
            made.append((mine[0]._replace(what=what, todo="piste decisions"), len(mine)))
    return made


def debt(town: Derived) -> list[Decision]:
    """List what is over or ends soon: contracts, licences, equipment, what was put off."""
    if town.commune is None or town.errors:
        return []
    return sorted((*_ends(town), *_equipment(town), *_put_offs(town)), key=lambda each: (each.by or "9", each.id))


def strays(town: Derived, waiting: Iterable[Decision]) -> list[str]:
    """Name the decisions that were taken on nothing that waits."""
    known = {decision.id for decision in waiting}
    return sorted({entry["decision"] for entry in (town.commune["decisions"] if town.commune else ())} - known)


class Difference(NamedTuple):
    """A decision that is not what was sealed.

    `state` is `altered`, `removed`, or `unread` where the seal is lost.
    """

    id: str
    state: str
    what: str
    todo: str


def differences(made: Compared) -> Iterator[Difference]:
    """Yield what differs from its seal, with what was sealed."""
    for state, said, entries in (("altered", "n’est plus ce qui a été scellé", made.altered),
                                 ("removed", "a été scellée, et n’est plus déclarée", made.removed)):  # fmt: skip
        for entry in entries:
            until = f", jusqu’au {in_town(entry['until'], DAY)}" if entry["until"] else ""
            was = f"le {in_town(entry['done'], DAY)} par {entry['who']} : {entry['why']}{until}"
            what = f"{entry['decision']} {said} ({was})"
            yield Difference(entry["decision"], state, what, "Remettez-la, ou prenez-en une d’un autre jour.")
    for name in made.unread:
        what = f"{name} : ce qu’il scellait est inconnu, il a changé"
        yield Difference(name, "unread", what, "Lancez piste journal verify.")


def differing(town: Derived, environment: str) -> list[Difference]:
    """List the decisions that differ from their seal. Raises `OSError`, `ValueError`."""
    taken = town.commune["decisions"] if town.commune else []
    return [*differences(compare(journal_folder(), environment, taken, today().isoformat()))]


def total(every: Iterable[Decision]) -> str:
    """Say the declared cost of what waits, of a year and at once; nothing without any."""
    known = [decision.cost for decision in every if decision.cost and decision.taken is None]
    sums = [Cost(euros, yearly).said for yearly in (False, True)
            if (euros := round(sum(cost.euros for cost in known if cost.yearly is yearly), 2))]  # fmt: skip
    return f" Coût déclaré de {len(known)} d’entre elles : {' et '.join(sums)}." if sums else ""


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
            yield Decision(
                f"restore.{row.test['name']}", said, SYSTEMS, row.until or "", otherwise, todo, ask=what,
                thing=row.test["label"],
            )  # fmt: skip


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
                price = entry["yearly_excl_tax"]
                cost = None if price is None else Cost(price, yearly=True)
                yield Decision(f"{kind}.{entry['id']}", what, DIRECTION, by.isoformat(), "sans suite", _WRITE, cost)
    if unknown:
        what = f"Dire la fin de {agreed(len(unknown), 'contrat(s) et licence(s)')} : {some(unknown, 6)}"
        otherwise = "aucune échéance n’est suivie"
        todo = "Inscrivez chaque date de fin (end) dans group_vars/all/contracts.yml."
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
    """Yield the equipment at the end of its life, by class and year; models have prices."""
    prices = town.commune["prices"] if town.commune else {}
    last = (today() + AHEAD).isoformat()
    ending: dict[tuple[str, str], list[Asset]] = {}
    for asset in town.assets:
        if asset["end_of_life"] and asset["end_of_life"] <= last:
            ending.setdefault((asset["kind"], asset["end_of_life"][:4]), []).append(asset)
    for (kind, year), mine in sorted(ending.items()):
        count, by = len(mine), min(str(asset["end_of_life"]) for asset in mine)
        what = f"Remplacer ou garder {agreed(count, 'équipement(s)')} en fin de vie en {year} ({CLASSES[kind].plural})"
        otherwise = "ni correctif, ni garantie"
        known = [prices[model] for asset in mine if (model := asset["model"]) and model in prices]
        cost = Cost(round(sum(known), 2), known=len(known), of=count) if known else None
        yield Decision(f"equipment.{kind}-{year}", what, DIRECTION, by, otherwise, "piste inventory list", cost)


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
            f"act.{act}", f"Faire, ou faire faire : {words()["acts"][act]}, que demandent {named}", DIRECTION, "",
            "ces clauses restent sans preuve", f"piste conformity {clauses[0].clause.framework} {clauses[0].clause.id}",
            ask="Faire, ou faire faire, ce que le marché demande", thing=words()["acts"][act],
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


def _promises(town: Derived, environment: str) -> Iterator[Decision]:
    """Yield the promises of recovery that their way cannot keep."""
    try:
        every = [*named(_PROMISES)(town, environment)]
    except FAILED as error:
        yield _unread("promise", "les promesses de reprise", error, DIRECTION, "piste restore list")
        return
    for judged in every:
        if judged.state == "wrong":
            what = f"Allonger le délai promis, ou raccourcir la reprise. {judged.what[:1].upper()}{judged.what[1:]}"
            otherwise = "le plan de reprise promet ce qu’il ne peut tenir"
            id_ = f"promise.{judged.id.rpartition('.')[2]}"
            yield Decision(id_, what, DIRECTION, "", otherwise, "piste runbook pra")
