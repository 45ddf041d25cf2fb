"""The plan of actions: what to do first, what it brings and costs, when, after what, at which risk (CCTP 4.4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypedDict

from piste.dossier import french
from piste.dossier.blocks import Block, Cell, Column, Row, Section, Table, Text, optional, required
from piste.dossier.blocks import Figure as Drawing
from piste.dossier.charts import Span, spans
from piste.model.schema_sobriety import Investment, Perimeter
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
from piste.sobriety.documents.quantities import (
    KWH,
    assumptions_table,
    gains,
    range_cell,
    range_text,
    savings_table,
    summed,
)
from piste.sobriety.ranges import Range
from piste.sobriety.savings import Saving

if TYPE_CHECKING:
    from piste.sobriety.documents.subject import SobrietySubject

ORDER = (
    "D'abord ce qui est sans investissement, qui relève du forfait (CCTP 4.4.8), par gain restant décroissant ; puis "
    "ce qui demande un investissement, par kilowattheure gagné pour un euro. Un gain inconnu passe après les gains "
    "connus, un levier après celui qu'il suppose ; ce qui est déjà généralisé ferme la liste."
)
OVERLAP = "Le total additionne les gains connus ; deux leviers qui touchent le même équipement se recouvrent en partie."


class Action(TypedDict):
    """A lever in the plan; `rank` from 1. `saving` is None where nothing was computed."""

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


def actions(subject: SobrietySubject) -> Actions:
    """The data of the plan, in the order in which to act."""
    town = subject.town
    savings = {one.lever: one for one in subject.reading.savings}
    found: list[Action] = []
    for rank, name in enumerate(_ordered(subject, savings), start=1):
        lever = lever_data(town, name, subject.today)
        found.append(
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
    told = [one["saving"] for one in found if one["saving"]]
    return {
        "actions": found,
        "total": summed([one.kwh for one in told]),
        "realised": summed([one.realised_kwh for one in told]),
        "remaining": summed([one.remaining_kwh for one in told]),
    }


def _ordered(subject: SobrietySubject, savings: dict[str, Saving]) -> list[str]:
    """The levers in the order of :data:`ORDER`."""
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
    """The plan as it prints."""
    found = data["actions"]
    yield Section("priorities", "Priorités", [Text(ORDER), _priorities(found)])
    yield Section("gains", "Gains", list(_gains(data)))
    yield Section("costs", "Coûts", [_costs(found)])
    yield Section("calendar", "Calendrier", [_calendar(found)])
    yield Section("conditions", "Dépendances et risques", [_conditions(found)])
    savings = [one["saving"] for one in found if one["saving"]]
    yield Section("method", "Comment les gains sont calculés", [assumptions_table(savings)])


def _priorities(found: Sequence[Action]) -> Table:
    columns = [
        Column("label", "Action", 4),
        Column("perimeter", "Périmètre", 2),
        Column("gain", "Reste à gagner", 3),
        Column("next", "Suite", 3),
    ]
    rows = [
        Row(
            one["lever"],
            [
                required(f"{one['rank']}. {one['label']}"),
                Cell(PERIMETERS[one["perimeter"]]),
                gains(one["saving"], "remaining_"),
                required(next_text(one["stage"])),
            ],
            one["status"],
        )
        for one in found
    ]
    return Table("priorities", "Actions, par ordre de priorité ; gains annuels", columns, rows, required=True)


def _gains(data: Actions) -> Iterator[Block]:
    savings = [one["saving"] for one in data["actions"] if one["saving"]]
    yield gains_drawing("gains", savings)
    yield savings_table("settings", "Sans investissement", [one for one in savings if not one.investment])
    yield savings_table("bought", "Avec investissement", [one for one in savings if one.investment])
    columns = [Column("what", "Gain annuel d'énergie", 2), Column("kwh", "kWh", 3)]
    rows = [
        Row(key, [Cell(label), range_cell(data[key], KWH)])  # type: ignore[literal-required]
        for key, label in (("total", "Attendu"), ("realised", "Réalisé"), ("remaining", "Reste à gagner"))
    ]
    yield Table("totals", "Total des leviers chiffrés", columns, rows)
    yield Text(OVERLAP)


def gains_drawing(key: str, savings: Sequence[Saving]) -> Block:
    """What each lever brings in energy, the part that is realised in full."""
    told = []
    for one in savings:
        if one.kwh is not None and one.kwh.high > 0:
            done = one.realised_kwh.value if one.realised_kwh else 0.0
            said = f"{range_text(one.realised_kwh, KWH)} réalisés sur {range_text(one.kwh, KWH)}"
            part = min(1.0, done / one.kwh.value) if one.kwh.value else 0.0
            told.append(Span(one.label, one.kwh.value, one.kwh.low, one.kwh.high, part, said))
    if not told:
        return Text("Aucun gain d'énergie n'est chiffré à ce jour.")
    caption = "Gain annuel de chaque levier : en plein ce qui est réalisé, hachuré ce qui reste"
    words = " ; ".join(f"{one.label} : {one.told}" for one in told)
    return Drawing(key, spans(key, caption, words, told), f"{caption}. {words}.", caption)


def _costs(found: Sequence[Action]) -> Table:
    columns = [
        Column("label", "Action", 3),
        Column("what", "Investissement", 3),
        Column("capex", "CAPEX (€ HT)", 1),
        Column("opex", "OPEX (€ HT par an)", 1),
    ]
    rows = [
        Row(
            one["lever"],
            [
                required(one["label"]),
                Cell(cost.what if cost else investment_text(None)),
                Cell(french.number(cost.capex_eur if cost else 0)),
                Cell(french.number(cost.opex_eur_per_year if cost else 0)),
            ],
        )
        for one in found
        for cost in [one["investment"]]
    ]
    costs = [one["investment"] for one in found if one["investment"]]
    totals = [sum(cost.capex_eur for cost in costs), sum(cost.opex_eur_per_year for cost in costs)]
    rows.append(Row("total", [Cell("Total"), Cell("—"), *(Cell(french.number(total)) for total in totals)]))
    return Table("costs", "Coûts de chaque action", columns, rows, required=True)


def _calendar(found: Sequence[Action]) -> Table:
    steps = ("diagnosis", "information", "pilot", "general")
    columns = [
        Column("label", "Action", 3),
        *(Column(step, STEPS[step].split(" ")[0].capitalize(), 1) for step in steps),
        Column("stage", "Où elle en est", 2),
    ]
    rows = [
        Row(
            one["lever"],
            [required(one["label"]), *(_day(one, step) for step in steps), required(stage_text(one["stage"]))],
        )
        for one in found
    ]
    return Table("calendar", "Étapes faites, et au plus tôt la généralisation", columns, rows, required=True)


def _day(one: Action, step: str) -> Cell:
    done = one["days"].get(step)
    if done:
        return Cell(french.day(done))
    earliest = one["stage"]["earliest"] if step == one["stage"]["next"] else None
    return optional(f"dès le {french.day(earliest)}" if earliest else None)


def _conditions(found: Sequence[Action]) -> Table:
    columns = [
        Column("label", "Action", 2),
        Column("depends_on", "Suppose d'abord", 2),
        Column("organisational", "À régler avant", 3),
        Column("risks", "Risques", 4),
    ]
    rows = [
        Row(
            one["lever"],
            [
                required(one["label"]),
                optional(", ".join(one["depends_on"])),
                optional(" ; ".join(one["organisational"])),
                required(" ".join(one["risks"])),
            ],
        )
        for one in found
    ]
    return Table("conditions", "Ce qu'il faut avant, ce qu'il faut surveiller", columns, rows, required=True)
