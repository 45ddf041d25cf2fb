"""The exchanges with each third party, by the tickets of its category (CCTP 4.1.4)."""

from __future__ import annotations

from collections.abc import Iterator

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding
from piste.engine.words import agreed
from piste.readings import store
from piste.readings.belief import Reading
from piste.readings.desk.kept import DESK, Exchanges
from piste.town.model.derived import Derived
from piste.town.model.freshness import ages
from piste.town.model.third_parties import ThirdParty

SUBJECT, MONTHS = "third_parties", 12
"""The months of tickets that are counted, the last of those that were read."""


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge each third party that owes a plan; a laboratory without tickets says nothing."""
    known = store.last(DESK, environment, ages(town))
    read = {name: last.value for name, last in known.items() if isinstance(last, Reading)}
    if not town.commune or not town.commune["glpi"] or (environment == "lab" and not read):
        return
    months = [(name, read[name]["exchanges"]) for name in sorted(read)[-MONTHS:] if "exchanges" in read[name]]
    for party in town.commune["third_parties"]:
        if party["plan_due"]:
            yield _judged(party, months)


def _judged(party: ThirdParty, months: list[tuple[str, dict[str, Exchanges]]]) -> Finding:
    id_, label = f"{SUBJECT}.{party['id']}", party["label"]
    category = party["interface"]["category"] if party["interface"] else None
    if category is None:
        todo = "Dites-la dans son plan (interface.category, third_parties.yml)."
        return Finding(id_, "wrong", f"{label} : aucune catégorie de tickets pour ses échanges", todo, gravity="minor")
    if not months:
        return Finding(id_, "unknown", f"{label} : aucun mois de tickets n’est lu", "piste read desk", gravity="minor")
    own = [(month, counts[category]) for month, counts in months if category in counts]
    opened, last = sum(counts["opened"] for _, counts in own), max((counts["last"] for _, counts in own), default="")
    span = f"{agreed(len(months), 'mois')}, jusqu’à {months[-1][0]}"
    if not last:
        what = f"{label} : aucun ticket de la catégorie « {category} » (en {span})"
        todo = "Si des échanges ont eu lieu, notez-les dans GLPI ; sinon, dites-le à la revue de service."
        return Finding(id_, "unknown", what, todo, gravity="minor")
    waiting = next((counts["open_at_end"] for month, counts in own if month == months[-1][0]), 0)
    said = f"{agreed(opened, 'ticket(s)')} en {span}, {waiting} en cours, le dernier du {in_town(last, DAY)}"
    return Finding(id_, "ok", f"{label} : {said}")
