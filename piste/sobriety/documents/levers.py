"""What a document says of a lever: its own words, whom it concerns, how far it is and what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from piste.dossier import notation
from piste.dossier.blocks import Cell, Column, Fact, Mark, Table, optional, required
from piste.model import Town
from piste.model.checks.sobriety import observed_until
from piste.model.levers import reach
from piste.model.schema_directory import Rollout
from piste.model.schema_sobriety import Drives, Investment, Lever, Perimeter, RolloutStep
from piste.words import agreed

PERIMETERS: dict[Perimeter, str] = {
    "postes": "Postes de travail",
    "hebergement": "Serveurs et VDI",
    "impression": "Impressions",
    "reseau": "Réseau et Wi-Fi",
}
HOURS: dict[Drives, str] = {
    "sleep": "À toute heure, dès que le poste reste inutilisé.",
    "shutdown": "Hors des heures d'ouverture de chaque site.",
    "print_defaults": "À toute heure.",
    "machine_hours": "Hors de l'horaire que suit chaque machine.",
    "ssid_hours": "Hors des heures d'ouverture de chaque site.",
    "port_hours": "Hors des heures d'ouverture de chaque site.",
    "radio_power": "À toute heure.",
    "ssid_cleaning": "À toute heure.",
}
STEPS: dict[str, str] = {
    "diagnosis": "diagnostic",
    "information": "information des agents",
    "pilot": "pilote",
    "general": "généralisation",
    "reverted": "retrait",
}
NEXT: dict[str | None, str | None] = {
    None: "diagnosis",
    "diagnosis": "information",
    "information": "pilot",
    "pilot": "general",
    "general": None,
    "reverted": None,
}
STATES: dict[Rollout, str] = {"off": "pas encore", "pilot": "pilote", "enforced": "appliqué"}


class Stage(TypedDict):
    """The last step of a lever and its day; the next one, and the day before which it may not come; `overdue`: the
    observation is over and nothing was decided."""

    step: str | None
    since: str | None
    by: str | None
    next: str | None
    earliest: str | None
    overdue: bool


class Place(TypedDict):
    """A site or a machine that a lever concerns; `spared`: why it does nothing there."""

    id: str
    name: str
    state: Rollout
    spared: str


class Reason(TypedDict):
    name: str
    why: str


class LeverData(TypedDict):
    """A lever as declared, its stage on the day of the document, its targets."""

    id: str
    label: str
    perimeter: Perimeter
    cctp: str
    what: str
    eligibility: str
    hours: str
    technical: list[str]
    organisational: list[str]
    depends_on: list[str]
    spared: list[Reason]
    justified: list[Reason]
    observation_days: int
    effect: str
    risks: list[str]
    procedure: list[str]
    reversal: str
    message: str
    investment: Investment | None
    stage: Stage
    places: list[Place]
    status: str | None


def lever_data(town: Town, name: str, today: str) -> LeverData:
    """All that is said of a lever; `today` as 2026-11-30."""
    lever = town.sobriety.levers[name]
    names = {one: site["name"] for one, site in town.sites.items()}
    return {
        "id": name,
        "label": lever.label,
        "perimeter": lever.perimeter,
        "cctp": lever.cctp,
        "what": lever.what,
        "eligibility": lever.eligibility,
        "hours": HOURS[lever.drives],
        "technical": lever.prerequisites,
        "organisational": lever.organisation,
        "depends_on": [town.sobriety.levers[other].label for other in lever.depends_on],
        "spared": [{"name": names.get(one, one), "why": why} for one, why in lever.spared.items()],
        "justified": [{"name": names.get(one, one), "why": why} for one, why in lever.justified.items()],
        "observation_days": lever.observation_days,
        "effect": lever.effect,
        "risks": lever.risks,
        "procedure": lever.procedure,
        "reversal": lever.reversal,
        "message": lever.message,
        "investment": lever.investment,
        "stage": stage(lever, steps_until(town, name, today), today),
        "places": places(town, name, today),
        "status": lever.status,
    }


def steps_until(town: Town, name: str, today: str) -> list[RolloutStep]:
    """The steps of a lever that were inscribed for a day or before."""
    return [step for step in town.sobriety.rollout if step.lever == name and step.date <= today]


def stage(lever: Lever, steps: Sequence[RolloutStep], today: str) -> Stage:
    """How far a lever is."""
    last = steps[-1] if steps else None
    after = NEXT[last.step if last else None]
    earliest = observed_until(lever, list(steps)) if after == "general" else ""
    return {
        "step": last.step if last else None,
        "since": last.date if last else None,
        "by": last.by if last else None,
        "next": after,
        "earliest": earliest or None,
        "overdue": bool(earliest) and earliest < today,
    }


def places(town: Town, name: str, today: str) -> list[Place]:
    """Whom a lever concerns: the sites in service, or the machines that are not of production."""
    lever = town.sobriety.levers[name]
    if lever.drives == "machine_hours":
        hosting = town.commune and town.commune["hosting"]
        reached = reach(lever, steps_until(town, name, today))
        return [
            {"id": one["name"], "name": one["name"], "state": reached.of(one["name"]), "spared": ""}
            for one in (hosting["machines"] if hosting else ())
            if not one["production"]
        ]
    found: list[Place] = []
    for site_id, site in town.sites.items():
        if site["lifecycle"] in ("open", "closing"):
            here = site["levers"][name]
            found.append({"id": site_id, "name": site["name"], "state": here["state"], "spared": here["spared"]})
    return found


def stage_text(one: Stage) -> str:
    """Where a lever is, in a phrase."""
    if one["step"] is None or one["since"] is None:
        return "rien n'est commencé"
    return f"{STEPS[one['step']]} depuis le {notation.day(one['since'])}"


def next_text(one: Stage) -> str:
    """What comes next, and not before which day."""
    if one["next"] is None:
        return "suivi des indicateurs" if one["step"] == "general" else "à décider"
    if one["earliest"]:
        return f"{STEPS[one['next']]}, au plus tôt le {notation.day(one['earliest'])}"
    return STEPS[one["next"]]


def investment_text(one: Investment | None) -> str:
    """What it costs, or that it costs nothing."""
    if one is None:
        return "sans investissement (réglage, au forfait)"
    parts = [
        notation.measure(amount, unit)
        for amount, unit in ((one.capex_eur, "€ HT"), (one.opex_eur_per_year, "€ HT par an"))
        if amount
    ]
    return f"{one.what} : {' puis '.join(parts) or 'sans dépense'}"


def lever_facts(one: LeverData) -> list[Fact]:
    """A lever in a table of facts, but for its procedure and its message."""
    return [
        Fact("what", "Ce qui est fait", required(one["what"]), one["status"]),
        Fact("eligibility", "Qui est éligible", required(one["eligibility"])),
        Fact("places", "Où il en est", optional(places_text(one["places"]))),
        Fact("spared", "Qui en est dispensé", optional(_reasons(one["spared"]) or "Personne.")),
        *([Fact("justified", "Suivi malgré un service continu", optional(_reasons(one["justified"])))]
          if one["justified"] else []),
        Fact("hours", "Quand", required(one["hours"])),
        Fact("technical", "Prérequis techniques", optional(" ; ".join(one["technical"]) or "Aucun.")),
        Fact("organisational", "Prérequis d'organisation", optional(" ; ".join(one["organisational"]) or "Aucun.")),
        Fact("depends_on", "Suppose d'abord", optional(", ".join(one["depends_on"]) or "Aucun autre levier.")),
        Fact("observation", "Observation", required(f"{agreed(one['observation_days'], 'jour(s)')} après le pilote")),
        Fact("effect", "Effet attendu", required(one["effect"])),
        Fact("investment", "Investissement", required(investment_text(one["investment"]))),
        Fact("cctp", "CCTP", required(one["cctp"])),
    ]  # fmt: skip


def places_text(places: Sequence[Place]) -> str:
    """Count the targets that follow a lever, its pilots, those that do not yet, those spared it."""
    states = Counter("spared" if place["spared"] else place["state"] for place in places)
    texts = {"enforced": "appliqué", "pilot": "pilote", "off": "pas encore", "spared": "dispensé"}
    return ", ".join(f"{text} : {states[state]}" for state, text in texts.items() if states[state])


def places_table(places: Sequence[Place], what: str) -> Table:
    """Table of the targets, and what the lever does at each."""
    return Table.of(
        "places",
        "Qui est concerné",
        places,
        lambda place: place["id"],
        (Column("name", what, 2), lambda place: Cell(place["name"])),
        (Column("state", "État", 1), _state),
        (Column("why", "Pourquoi", 2), lambda place: optional(place["spared"])),
        empty="Rien n'est concerné à ce jour.",
    )


def _state(place: Place) -> Cell:
    if place["spared"]:
        return Cell("dispensé")
    marks: dict[Rollout, Mark | None] = {"off": None, "pilot": "doubt", "enforced": "good"}
    return Cell(STATES[place["state"]], marks[place["state"]])


def _reasons(found: Sequence[Reason]) -> str:
    return " ; ".join(f"{one['name']} : {one['why']}" for one in found)


def risks_table(caption: str, lever: LeverData) -> Table:
    """Table of the risks of a lever."""
    return Table.of("risks", caption, lever["risks"], str, (Column("risk", "Risque", 1), str))
