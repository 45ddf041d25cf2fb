"""The plan of actions: priorities, gains, costs, calendar, dependencies, risks (CCTP 4.4.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypedDict

from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Block, Cell, Column, Drawing, Section, Table, Text, optional, required
from piste.papers.dossier.charts import Span, spans
from piste.sobriety.documents.energy_tables import (
    KWH,
    assumptions_table,
    gains,
    is_unread,
    range_cell,
    range_text,
    savings_table,
    summed,
)
from piste.sobriety.documents.figure_tables import UNKNOWN
from piste.sobriety.documents.lever_tables import measured_table, substitution_blocks
from piste.sobriety.documents.levers import (
    PERIMETERS,
    STEPS,
    Stage,
    investment_text,
    lever_data,
    next_text,
    stage_text,
    steps_until,
)
from piste.sobriety.documents.subject import SobrietySubject
from piste.sobriety.savings import Saving
from piste.sobriety.value_range import Range
from piste.town.model.sobriety.form import Investment, Perimeter

ORDER = (
    "D’abord ce qui est sans investissement, qui relève du forfait (CCTP 4.4.8), par gain restant décroissant ; puis "
    "ce qui demande un investissement, par kilowattheure gagné pour un euro. Un gain inconnu passe après les gains "
    "connus, un levier après celui qu’il suppose ; ce qui est déjà généralisé ferme la liste."
)
OVERLAP = "Le total additionne les gains connus ; deux leviers qui touchent le même équipement se recouvrent en partie."


class Action(TypedDict):
    """A lever in the plan, by `rank` from 1; `saving` is None if none was computed."""

    rank: int
    lever: str
    label: str
    perimeter: Perimeter
    saving: Saving | None
    investment: Investment | None
    stage: Stage
    days: dict[str, str]
    depends_on: list[str]
    organisational: list[str]
    risks: list[str]
    status: str | None


class Actions(TypedDict):
    actions: list[Action]
    total: Range | None
    realised: Range | None
    remaining: Range | None


class _Cost(NamedTuple):
    """A line of the table of costs, in euros."""

    key: str
    label: Cell
    what: str
    capex: float
    opex: float


def actions(subject: SobrietySubject) -> Actions:
    """Give the data of the plan, in the order of the actions."""
    town = subject.town
    savings = {saving.lever: saving for saving in subject.reading.savings}
    ranked: list[Action] = []
    for rank, name in enumerate(_ordered(subject, savings), start=1):
        lever = lever_data(town, name, subject.today)
        ranked.append(
            {
                "rank": rank,
                "lever": name,
                "label": lever["label"],
                "perimeter": lever["perimeter"],
                "saving": savings.get(name),
                "investment": lever["investment"],
                "stage": lever["stage"],
                "days": {step.step: step.date for step in steps_until(town, name, subject.today)},
                "depends_on": lever["depends_on"],
                "organisational": lever["organisational"],
                "risks": lever["risks"],
                "status": lever["status"],
            }
        )
    estimated = [action["saving"] for action in ranked if action["saving"]]
    return {
        "actions": ranked,
        "total": summed([saving.kwh for saving in estimated]),
        "realised": summed([saving.realised_kwh for saving in estimated]),
        "remaining": summed([saving.remaining_kwh for saving in estimated]),
    }


def _ordered(subject: SobrietySubject, savings: dict[str, Saving]) -> list[str]:
    """Sort the levers in the order of `ORDER`."""
    town, levers = subject.town, subject.town.sobriety.levers
    general = {
        name for name in levers if any(step.step == "general" for step in steps_until(town, name, subject.today)[-1:])
    }

    def worth(name: str) -> tuple[bool, bool, bool, float]:
        saving, cost = savings.get(name), levers[name].investment
        left = saving.remaining_kwh if saving else None
        euros = (cost.capex_eur + cost.opex_eur_per_year) or 1 if cost else 1
        return name in general, cost is not None, left is None, -(left.value / euros if left else 0.0)

    waiting, done = sorted(levers, key=worth), list[str]()
    while waiting:
        free = (name for name in waiting if not set(levers[name].depends_on) & set(waiting) - general)
        done.append(next(free, waiting[0]))
        waiting.remove(done[-1])
    return done


def actions_sections(data: Actions, subject: SobrietySubject) -> Iterator[Section]:
    """Print the plan."""
    ranked = data["actions"]
    yield Section("priorities", "Priorités", [Text(ORDER), _priorities(ranked)])
    yield Section("gains", "Gains", list(_gains(data)))
    yield Section("costs", "Coûts", [_costs(ranked)])
    yield Section("calendar", "Calendrier", [_calendar(ranked)])
    yield Section("conditions", "Dépendances et risques", [_conditions(ranked)])
    savings = [action["saving"] for action in ranked if action["saving"]]
    for saving in savings:
        if saving.substitution:
            yield Section("substitution", saving.label, list(substitution_blocks(saving.substitution)))
    yield Section("measured", "Ce que les leviers ont changé", [measured_table(savings)])
    yield Section("method", "Comment les gains sont calculés", [assumptions_table(savings)])


def _priorities(actions: Sequence[Action]) -> Table:
    return Table.of(
        "priorities",
        "Actions, par ordre de priorité ; gains annuels",
        actions,
        _lever,
        (Column("label", "Action", 4), lambda action: f"{action['rank']}. {action['label']}"),
        (Column("perimeter", "Périmètre", 2), lambda action: Cell(PERIMETERS[action["perimeter"]])),
        (Column("gain", "Reste à gagner", 3), lambda action: gains(action["saving"], "remaining_")),
        (Column("next", "Suite", 3), lambda action: next_text(action["stage"])),
        status=lambda action: action["status"],
        required=True,
    )


def _gains(data: Actions) -> Iterator[Block]:
    savings = [action["saving"] for action in data["actions"] if action["saving"]]
    yield gains_drawing("gains", savings)
    yield savings_table("settings", "Sans investissement", [saving for saving in savings if not saving.investment])
    yield savings_table("bought", "Avec investissement", [saving for saving in savings if saving.investment])
    yield Table.of(
        "totals",
        "Total des leviers chiffrés",
        [
            ("total", "Attendu", data["total"]),
            ("realised", "Réalisé", data["realised"]),
            ("remaining", "Reste à gagner", data["remaining"]),
        ],
        lambda total: total[0],
        (Column("what", "Gain annuel d’énergie", 2), lambda total: Cell(total[1])),
        (Column("kwh", "kWh", 3), lambda total: range_cell(total[2], KWH)),
    )
    unread = [saving.label for saving in savings if is_unread(saving)]
    yield Text(f"{OVERLAP} Inconnu, et compté pour rien dans le réalisé : {', '.join(unread)}." if unread else OVERLAP)


def _lever(action: Action) -> str:
    return action["lever"]


def _label(action: Action) -> str:
    return action["label"]


def gains_drawing(key: str, savings: Sequence[Saving]) -> Block:
    """Draw the gain of energy of each lever, its realised part solid."""
    drawn = []
    for saving in savings:
        if saving.kwh is not None and saving.kwh.high > 0:
            done = saving.realised_kwh.value if saving.realised_kwh else 0.0
            known = range_text(saving.realised_kwh, KWH)
            text = f"{UNKNOWN if is_unread(saving) else known} réalisés sur {range_text(saving.kwh, KWH)}"
            part = min(1.0, done / saving.kwh.value) if saving.kwh.value else 0.0
            drawn.append(Span(saving.label, *saving.kwh, part, text))
    if not drawn:
        return Text("Aucun gain d’énergie n’est chiffré à ce jour.")
    caption = "Gain annuel de chaque levier : en plein ce qui est réalisé, hachuré ce qui reste"
    return Drawing.of(key, caption, " ; ".join(f"{span.label} : {span.text}" for span in drawn), spans, drawn)


def _cost(action: Action) -> _Cost:
    cost, label = action["investment"], required(action["label"])
    if cost is None:
        return _Cost(action["lever"], label, investment_text(None), 0, 0)
    return _Cost(action["lever"], label, cost.what, cost.capex_eur, cost.opex_eur_per_year)


def _costs(actions: Sequence[Action]) -> Table:
    costs = [_cost(action) for action in actions]
    total = _Cost("total", Cell("Total"), "—", sum(cost.capex for cost in costs), sum(cost.opex for cost in costs))
    return Table.of(
        "costs",
        "Coûts de chaque action",
        [*costs, total],
        lambda cost: cost.key,
        (Column("label", "Action", 3), lambda cost: cost.label),
        (Column("what", "Investissement", 3), lambda cost: Cell(cost.what)),
        (Column("capex", "CAPEX (€ HT)", 1), lambda cost: Cell(notation.number(cost.capex))),
        (Column("opex", "OPEX (€ HT par an)", 1), lambda cost: Cell(notation.number(cost.opex))),
        required=True,
    )


def _calendar(actions: Sequence[Action]) -> Table:
    return Table.of(
        "calendar",
        "Étapes faites, et au plus tôt la généralisation",
        actions,
        _lever,
        (Column("label", "Action", 3), _label),
        *(_of_step(step) for step in ("diagnosis", "information", "pilot", "general")),
        (Column("stage", "Où elle en est", 2), lambda action: stage_text(action["stage"])),
        required=True,
    )


def _of_step(step: str) -> tuple[Column, Callable[[Action], Cell]]:
    """The column of a step in the calendar."""
    return Column(step, STEPS[step].split(" ")[0].capitalize(), 1), lambda action: _day(action, step)


def _day(action: Action, step: str) -> Cell:
    done = action["days"].get(step)
    if done:
        return Cell(notation.day(done))
    earliest = action["stage"]["earliest"] if step == action["stage"]["next"] else None
    return optional(f"dès le {notation.day(earliest)}" if earliest else None)


def _conditions(actions: Sequence[Action]) -> Table:
    return Table.of(
        "conditions",
        "Ce qu’il faut avant, ce qu’il faut surveiller",
        actions,
        _lever,
        (Column("label", "Action", 2), _label),
        (Column("depends_on", "Suppose d’abord", 2), lambda action: optional(", ".join(action["depends_on"]))),
        (Column("organisational", "À régler avant", 3), lambda action: optional(" ; ".join(action["organisational"]))),
        (Column("risks", "Risques", 4), lambda action: " ".join(action["risks"])),
        required=True,
    )
