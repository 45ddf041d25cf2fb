"""The plan of reversibility as a document of the town (CCTP 6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.asked import Asked, demands
from piste.papers.dossier.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Section,
    Steps,
    Table,
    address,
    optional,
    required,
)
from piste.papers.dossier.decision import decided
from piste.papers.dossier.reversibility_plan import Plan, PlanDue, PlanTerm, Step
from piste.papers.dossier.subject import Commune


def plan(subject: Commune) -> Plan:
    """Give the data of the document: the plan itself."""
    return subject.plan


def plan_sections(data: Plan, subject: Commune) -> Iterator[Section]:
    """Print the plan."""
    yield Section("object", "Objet", [_object(data), Steps(data.principles)])
    yield Section("people", "Qui est qui", [_people(data)])
    yield Section("calendar", "Calendrier, jalons et livrables", [_calendar(data)])
    yield Section("raci", "Qui fait quoi", [_raci(data)])
    yield Section("environments", "Environnements", [_environments(data)])
    switch: list[Block] = [Steps(data.conditions, ordered=False), _lots(data)]
    yield Section("switch", "Conditions de bascule", switch)
    parties = [f"{role[:1].upper()}{role[1:]}" for role, entry in data.roles.items() if entry.signs]
    yield Section("scope", "Ce qui est transféré", [_asked("scope", "Périmètre (CCTP 6.2)", demands().scope)])
    yield Section("deliverables", "Livrables", [_asked("deliverables", "Livrables (CCTP 6.3)", demands().deliverables)])
    yield Section("criteria", "Critères de recette", [_asked("criteria", "Critères (CCTP 6.6)", demands().criteria)])
    yield Section("training", "Transfert de compétences", [_training(data)])
    yield Section("people_data", "Données personnelles", [_personal(subject)])
    yield Section("communication", "Communication", [_communication(subject)])
    yield Section("risks", "Risques", [_risks(data)])
    yield decided((), parties)


def _object(data: Plan) -> Facts:
    review = f"tous les {agreed(data.review_months, 'mois')}"
    return Facts(
        "Le plan",
        [
            Fact("title", "Titre", required(data.title), data.status),
            Fact("version", "Version", required(data.version)),
            Fact("start", "Début du marché", _day(data.term.start)),
            Fact("end", "Fin du marché", _day(data.term.end)),
            Fact("updated", "Relu le", required(notation.day(data.updated))),
            Fact("review_months", "À relire", required(review)),
        ],
    )


def _day(day: str | None) -> Cell:
    return required(notation.day(day) if day else None)


def _people(data: Plan) -> Table:
    return Table.of(
        "roles",
        "Rôles, et qui les tient",
        data.roles.items(),
        lambda role: role[0],
        (Column("role", "Rôle", 2), lambda role: role[0]),
        (Column("person", "Personne", 2), lambda role: role[1].person),
        (Column("mail", "Courriel", 2), lambda role: address(role[1].mail)),
        (Column("duty", "Ce qu’il fait", 4), lambda role: role[1].duty),
        status=lambda role: role[1].status,
    )


def _step(step: Step) -> str:
    return step.step


def _calendar(data: Plan) -> Table:
    return Table.of(
        "steps",
        "Étapes, dans leur ordre ; ◆ marque un jalon",
        data.steps,
        _step,
        (Column("step", "Étape", 3), lambda step: f"◆ {step.step}" if step.milestone else step.step),
        (Column("when", "Quand", 2), lambda step: _when(step.due)),
        (Column("date", "Date"), lambda step: _date(step.due, data.term)),
        (Column("deliverable", "Livrable", 3), lambda step: step.deliverable),
        required=True,
    )


def _when(due: PlanDue) -> str:
    if due.every_months:
        return "chaque année" if due.every_months == 12 else "chaque mois" if due.every_months == 1 else (
            f"tous les {due.every_months} mois"
        )  # fmt: skip
    if due.after_start_days is not None:
        return f"{agreed(due.after_start_days, 'jour(s)')} après le début" if due.after_start_days else "au début"
    if due.after_end_days is not None:
        return f"{agreed(due.after_end_days, 'jour(s)')} après la fin"
    return f"{agreed(due.before_end_days, 'jour(s)')} avant la fin" if due.before_end_days else "à la fin"


def _date(due: PlanDue, term: PlanTerm) -> Cell:
    day = due.day(term)
    return optional(notation.day(day.isoformat()) if day else None)


def _raci(data: Plan) -> Table:
    return Table.of(
        "raci",
        "Matrice RACI : celui qui décide répond de l’étape",
        data.steps,
        _step,
        (Column("step", "Étape", 3), _step),
        (Column("responsible", "Réalise", 2), lambda step: ", ".join(step.responsible)),
        (Column("accountable", "Décide", 1), lambda step: step.accountable),
        (Column("consulted", "Consulté", 2), lambda step: optional(", ".join(step.consulted))),
        (Column("informed", "Informé", 2), lambda step: ", ".join(step.informed)),
        required=True,
    )


def _environments(data: Plan) -> Table:
    return Table.of(
        "environments",
        "Où l’on répète, où l’on bascule",
        data.environments,
        lambda environment: environment.name,
        (Column("name", "Environnement", 1), lambda environment: environment.name),
        (Column("purpose", "Ce qui s’y fait", 3), lambda environment: environment.purpose),
        required=True,
    )


def _lots(data: Plan) -> Table:
    return Table.of(
        "lots",
        "Lots, un procès-verbal chacun",
        enumerate(data.lots, 1),
        lambda lot: lot[1],
        (Column("rank", "Ordre"), lambda lot: lot[0]),
        (Column("lot", "Lot, et son procès-verbal de bascule", 1), lambda lot: lot[1]),
        required=True,
    )


def _asked(key: str, caption: str, asked: Sequence[Asked]) -> Table:
    return Table.of(
        key,
        f"{caption}, et ce qui le montre",
        asked,
        lambda item: item.what,
        (Column("what", "Demandé", 3), lambda item: item.what),
        (Column("clauses", "Clause"), lambda item: ", ".join(item.clauses)),
        (Column("proof", "Commande", 3, code=True), lambda item: item.proof),
        (Column("elsewhere", "Hors du sac", 3), lambda item: optional(item.elsewhere)),
        required=True,
    )


def _training(data: Plan) -> Table:
    return Table.of(
        "training",
        "Sessions (CCTP 6.4) : un support remis, un exercice au laboratoire",
        data.training,
        lambda lesson: lesson.subject,
        (Column("subject", "Sujet", 2), lambda lesson: lesson.subject),
        (Column("page", "Support", 2, code=True), lambda lesson: lesson.page),
        (Column("exercise", "Exercice", 3), lambda lesson: lesson.exercise),
        required=True,
    )


def _personal(subject: Commune) -> Table:
    assert subject.town.commune is not None
    return Table.of(
        "personal_data",
        "Ce que porte le registre des traitements, et comment cela revient (CCTP 6.7)",
        subject.town.commune["personal_data"]["processings"].values(),
        lambda made: made["label"],
        (Column("label", "Traitement", 2), lambda made: made["label"]),
        (Column("systems", "Systèmes", 2), lambda made: ", ".join(made["systems"])),
        (Column("returned", "Comment cela revient", 4), lambda made: made["returned"]),
        status=lambda made: made["status"],
        required=True,
    )


def _communication(subject: Commune) -> Table:
    assert subject.town.commune is not None
    return Table.of(
        "communication",
        "Qui est prévenu (CCTP 6.5)",
        subject.town.commune["transfer"]["communication"],
        lambda made: made["audience"],
        (Column("audience", "À qui", 2), lambda made: made["audience"]),
        (Column("says", "Quoi", 3), lambda made: made["says"]),
        (Column("channel", "Comment", 2), lambda made: made["channel"]),
        (Column("when", "Quand", 2), lambda made: made["when"]),
        (Column("who", "Par qui", 1), lambda made: made["who"]),
        required=True,
    )


def _risks(data: Plan) -> Table:
    return Table.of(
        "risks",
        "Ce qui peut arriver, et ce qui se fait avant",
        data.risks,
        lambda risk: risk.what,
        (Column("what", "Risque", 3), lambda risk: risk.what),
        (Column("then", "Ce qui se fait", 4), lambda risk: risk.then),
        (Column("owner", "Qui en répond", 1), lambda risk: risk.owner),
        required=True,
    )
