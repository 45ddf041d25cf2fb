"""The subjects that this machine never read, and the command that reads each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from piste.exports.portal.known import Known
from piste.exports.portal.places import SUBJECTS
from piste.exports.portal.states import judged
from piste.readings.links.declared import town_links
from piste.readings.table import SUBJECTS as READINGS
from piste.sites.living.kept import NEXUS_PORTS, SUBJECT, each, label, names

AGAIN = SUBJECT["meraki"].again


class Never(NamedTuple):
    """A subject that was never read, and what reads it."""

    subject: str
    todo: str


def never(known: Known) -> Iterator[Never]:
    """List the subjects that the portal shows as unknown since nothing ever read them.

    What is kept and could not be read is not among them.
    """
    yield from (gap for subject, gap in _never(known) if subject not in known.unread)


class Doubtful(NamedTuple):
    """A reading that is kept and not believed, and what reads it again."""

    subject: str
    why: str
    todo: str


def doubtful(known: Known) -> Iterator[Doubtful]:
    """List what is too old to say what is, and what is dated in the future."""
    for name, site in known.town.sites.items():
        if why := judged(known, name).why:
            yield Doubtful(site["name"], why, f"piste drift {name}")
    for part, why in known.doubts.items():
        again = READINGS[part].again if part in READINGS else AGAIN
        yield Doubtful(SUBJECTS.get(part) or label(part), why, again)
    for subject, ids in known.future.items():
        for id_ in ids:
            why = f"{id_} : daté de l’avenir, ignoré ; ce qui était connu avant vaut encore, le reste est inconnu"
            yield Doubtful(SUBJECTS[subject], why, f"mettez l’horloge du poste à l’heure, puis : {_VERBS[subject]}")


_VERBS: Mapping[str, str] = {
    "journal": "piste journal verify",
    "verifications": "piste verify",
    "sobriety": "piste sobriety diagnose",
}
"""The verb that checks a subject, or reads it again."""


def _never(known: Known) -> Iterator[tuple[str, Never]]:
    """Pair each with the subject of its reading."""
    serving = [name for name, site in known.town.sites.items() if site["lifecycle"] in ("open", "closing")]
    commune = known.town.commune
    switches = [switch["name"] for switch in commune["nexus"]["switches"]] if commune else []
    wanted: Mapping[str, object] = {
        "ports": any(_switched(known, name) for name in serving),
        "places": commune and commune["hosting"],
        "hosts": commune and commune["supervision"],
        **dict.fromkeys(names(NEXUS_PORTS, switches), True),
    }
    there = {*dict(each(known.living)), *known.doubts}
    for part, declared in wanted.items():
        if declared and part not in there:
            yield "living", Never(label(part), AGAIN)
    if not known.links and town_links(known.town):
        yield "links", Never("liaisons", "piste links, une fois par mois au moins")
    tried = {test.id for record in known.verifications.values() for test in record.tests}
    for name in serving:
        supplies = [ups["name"] for ups in known.town.sites[name]["premises"]["ups"]]
        if any(f"ups.{ups}" not in tried for ups in supplies):
            yield "verifications", Never(f"onduleurs : {known.town.sites[name]['name']}", f"piste verify {name}")


def _switched(known: Known, site: str) -> bool:
    return any(device["kind"] == "switch" for device in known.town.sites[site]["devices"])
