"""A lever in documents: its declaration, its targets, its stage and its next step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from piste.engine.words import agreed
from piste.papers.dossier import notation
from piste.papers.dossier.blocks import Cell, Column, Fact, Mark, Table, optional, required
from piste.sobriety.targets import others
from piste.town.model import Town
from piste.town.model.directory.form import Rollout
from piste.town.model.sobriety.form import Drives, Investment, Lever, Perimeter, RolloutStep, Target
from piste.town.model.sobriety.levers import observed_until, reach

PERIMETERS: dict[Perimeter, str] = {
    "postes": "Postes de travail",
    "hebergement": "Serveurs et VDI",
    "impression": "Impressions",
    "stockage": "Stockage",
    "reseau": "Réseau et Wi-Fi",
}
HOURS: dict[Drives, str] = {
    "sleep": "À toute heure, dès que le poste reste inutilisé.",
    "shutdown": "Hors des heures d’ouverture de chaque site.",
    "autostart": "À l’ouverture de session.",
    "telemetry": "À toute heure.",
    "thin_clients": "À toute heure.",
    "print_defaults": "À toute heure.",
    "machine_hours": "Hors de l’horaire que suit chaque machine.",
    "retention": "À l’échéance de chaque classe de rétention.",
    "ssid_hours": "Hors des heures d’ouverture de chaque site.",
    "port_hours": "Hors des heures d’ouverture de chaque site.",
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
TARGETED: dict[Target, str] = {
    "site": "Site", "machine": "Machine", "share": "Partage", "lot": "Lot",
}  # fmt: skip
"""The heading of the targets of a lever."""
STATES: dict[Rollout, str] = {"off": "pas encore", "pilot": "pilote", "enforced": "appliqué"}


class Stage(TypedDict):
    """The last step of a lever and its day, the next step and its earliest day.

    `overdue`: the observation is over and nothing was decided.
    """

    step: str | None
    since: str | None
    by: str | None
    next: str | None
    earliest: str | None
    overdue: bool


class Place(TypedDict):
    """A target of a lever, a site or a machine; `spared` is why the lever does nothing there."""

    id: str
    name: str
    state: Rollout
    spared: str


class Reason(TypedDict):
    name: str
    why: str


class LeverData(TypedDict):
    """A lever as declared, with its stage on the day of the document and its targets."""

    id: str
    label: str
    perimeter: Perimeter
    target: Target
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
    """Give the data of a lever; `today` as `2026-11-30`."""
    lever = town.sobriety.levers[name]
    names = {site_id: site["name"] for site_id, site in town.sites.items()}
    return {
        "id": name,
        "label": lever.label,
        "perimeter": lever.perimeter,
        "target": lever.target,
        "cctp": lever.cctp,
        "what": lever.what,
        "eligibility": lever.eligibility,
        "hours": HOURS[lever.drives],
        "technical": lever.prerequisites,
        "organisational": lever.organisation,
        "depends_on": [town.sobriety.levers[other].label for other in lever.depends_on],
        "spared": [{"name": names.get(target, target), "why": why} for target, why in lever.spared.items()],
        "justified": [{"name": names.get(target, target), "why": why} for target, why in lever.justified.items()],
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
    """List the steps of a lever inscribed for a day or before."""
    return [step for step in town.sobriety.rollout if step.lever == name and step.date <= today]


def stage(lever: Lever, steps: Sequence[RolloutStep], today: str) -> Stage:
    """Find the stage of a lever from its steps."""
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
    """List the targets of a lever: sites in service, machines outside production, shares, lots."""
    lever = town.sobriety.levers[name]
    if lever.target != "site":
        reached = reach(lever, steps_until(town, name, today))
        return [
            {"id": target, "name": label, "state": reached.of(target), "spared": lever.spared.get(target, "")}
            for target, label in others(town, lever.target).items()
        ]
    concerned: list[Place] = []
    for site_id, site in town.sites.items():
        if site["lifecycle"] in ("open", "closing"):
            here = site["levers"][name]
            concerned.append({"id": site_id, "name": site["name"], "state": here["state"], "spared": here["spared"]})
    return concerned


def stage_text(stage: Stage) -> str:
    """Write the stage of a lever."""
    if stage["step"] is None or stage["since"] is None:
        return "rien n’est commencé"
    return f"{STEPS[stage['step']]} depuis le {notation.day(stage['since'])}"


def next_text(stage: Stage) -> str:
    """Write the next step of a lever and its earliest day."""
    if stage["next"] is None:
        return "suivi des indicateurs" if stage["step"] == "general" else "à décider"
    if stage["earliest"]:
        return f"{STEPS[stage['next']]}, au plus tôt le {notation.day(stage['earliest'])}"
    return STEPS[stage["next"]]


def investment_text(investment: Investment | None) -> str:
    """Write the cost of a lever, or that it costs nothing."""
    if investment is None:
        return "sans investissement (réglage, au forfait)"
    parts = [
        notation.measure(amount, unit)
        for amount, unit in ((investment.capex_eur, "€ HT"), (investment.opex_eur_per_year, "€ HT par an"))
        if amount
    ]
    return f"{investment.what} : {' puis '.join(parts) or 'sans dépense'}"


def lever_facts(lever: LeverData) -> list[Fact]:
    """List the facts of a lever, without its procedure and its message."""
    return [
        Fact("what", "Ce qui est fait", required(lever["what"]), lever["status"]),
        Fact("eligibility", "Qui est éligible", required(lever["eligibility"])),
        Fact("places", "Où il en est", optional(places_text(lever["places"]))),
        Fact("spared", "Qui en est dispensé", optional(_reasons(lever["spared"]) or "Personne.")),
        *([Fact("justified", "Suivi malgré un service continu", optional(_reasons(lever["justified"])))]
          if lever["justified"] else []),
        Fact("hours", "Quand", required(lever["hours"])),
        Fact("technical", "Prérequis techniques", optional(" ; ".join(lever["technical"]) or "Aucun.")),
        Fact("organisational", "Prérequis d’organisation", optional(" ; ".join(lever["organisational"]) or "Aucun.")),
        Fact("depends_on", "Suppose d’abord", optional(", ".join(lever["depends_on"]) or "Aucun autre levier.")),
        Fact("observation", "Observation", required(f"{agreed(lever['observation_days'], 'jour(s)')} après le pilote")),
        Fact("effect", "Effet attendu", required(lever["effect"])),
        Fact("investment", "Investissement", required(investment_text(lever["investment"]))),
        Fact("cctp", "CCTP", required(lever["cctp"])),
    ]  # fmt: skip


def places_text(places: Sequence[Place]) -> str:
    """Count the targets of a lever by state: applied, pilot, not yet, spared."""
    states = Counter("spared" if place["spared"] else place["state"] for place in places)
    texts = {"enforced": "appliqué", "pilot": "pilote", "off": "pas encore", "spared": "dispensé"}
    return ", ".join(f"{text} : {states[state]}" for state, text in texts.items() if states[state])


def places_table(places: Sequence[Place], what: str) -> Table:
    """Table of the targets of a lever, with its state at each."""
    return Table.of(
        "places",
        "Qui est concerné",
        places,
        lambda place: place["id"],
        (Column("name", what, 2), lambda place: Cell(place["name"])),
        (Column("state", "État", 1), _state),
        (Column("why", "Pourquoi", 2), lambda place: optional(place["spared"])),
        empty="Rien n’est concerné à ce jour.",
    )


def _state(place: Place) -> Cell:
    if place["spared"]:
        return Cell("dispensé")
    marks: dict[Rollout, Mark | None] = {"off": None, "pilot": "doubt", "enforced": "good"}
    return Cell(STATES[place["state"]], marks[place["state"]])


def _reasons(reasons: Sequence[Reason]) -> str:
    return " ; ".join(f"{reason['name']} : {reason['why']}" for reason in reasons)


def risks_table(caption: str, lever: LeverData) -> Table:
    """Table of the risks of a lever."""
    return Table.of("risks", caption, lever["risks"], str, (Column("risk", "Risque", 1), str))
