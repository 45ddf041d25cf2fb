"""The findings on links: availability of the last month that is over, against its objective."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piste.engine.clock import DAY, in_town
from piste.engine.finding import Finding, State
from piste.readings.belief import Reading
from piste.readings.links import kept
from piste.readings.links.declared import town_links
from piste.readings.links.figures import Verdict, available_words, figures
from piste.readings.links.period import month_before, month_words
from piste.town.model.dates import today
from piste.town.model.derived import Derived

AGAIN = "piste links"


def stands(town: Derived, month: str) -> bool:
    """Tell whether a month is judged or read still."""
    return month >= month_before(today())


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Yield a finding for each link that has an objective. Raises `UnreadableReading`."""
    links = [link for link in town_links(town) if link["objective"] is not None]
    month = month_before(today())
    known = kept.known(environment).get(month)
    if not isinstance(known, Reading):
        why = known.why if known else f"{month_words(month)} n’a pas été lu"
        for link in links:
            what = f"{link['name']} : {why}"
            yield Finding(f"links.{link['name']}", "unknown", what, f"{AGAIN} --month {month}", site=link["site"])
        return
    readings = known.value
    for row in figures(links, readings):
        link, state = row["link"], _STATES[row["verdict"]]
        seen = available_words(row) or "disponibilité inconnue"
        what = f"{link['name']} : {seen} en {month_words(readings['month'])}"
        said = row["why"] or f"objectif de {link['objective']} %".replace(".", ",")
        at = readings["measured_at"]
        evidence = f"Zabbix, lu le {in_town(at, DAY)}" if at else ""
        yield Finding(
            f"links.{link['name']}", state, f"{what}, {said}", _TODO[state],
            site=link["site"], evidence=evidence, who=link["operator"] or "",
        )  # fmt: skip


_TODO: Mapping[State, str] = {
    "ok": "", "unknown": AGAIN, "wrong": "Demandez-en la cause à l’opérateur : piste links --out DOSSIER.",
}  # fmt: skip
_STATES: Mapping[Verdict, State] = {"conform": "ok", "wrong": "wrong", "unknown": "unknown", "untested": "unknown"}
