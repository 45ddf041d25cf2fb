"""The subjects that this machine never read, and the command that reads each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from piste.links.declared import town_links
from piste.portal.known import Known
from piste.sites.verification import machines


class Never(NamedTuple):
    """A subject that was never read, and what reads it."""

    subject: str
    todo: str


def never(known: Known) -> Iterator[Never]:
    """List the subjects that the portal shows as unknown since nothing ever read them.

    What is kept and could not be read is not among them.
    """
    yield from (gap for subject, gap in _never(known) if subject not in known.unread)


def _never(known: Known) -> Iterator[tuple[str, Never]]:
    """Pair each with the subject of its reading."""
    serving = [name for name, site in known.town.sites.items() if site["lifecycle"] in ("open", "closing")]
    if "ports" not in known.living and (switched := [name for name in serving if _switched(known, name)]):
        yield "living", Never("ports des commutateurs", f"piste verify {switched[0]} : ceux de toute la ville sont lus")
    commune = known.town.commune
    hosting = [name for name in serving if machines(known.town, known.town.sites[name])]
    if "places" not in known.living and commune and commune["hosting"] and hosting:
        yield "living", Never("machines sur leurs nœuds", f"piste verify {hosting[0]}")
    if "hosts" not in known.living and commune and commune["supervision"]:
        todo = "piste configurations keep, ou piste verify d’un site"
        yield "living", Never("supervision : couverture et problèmes", todo)
    if not known.links and town_links(known.town):
        yield "links", Never("liaisons", "piste links, une fois par mois au moins")
    tried = {test.id for record in known.verifications.values() for test in record.tests}
    for name in serving:
        supplies = [ups["name"] for ups in known.town.sites[name]["premises"]["ups"]]
        if any(f"ups.{ups}" not in tried for ups in supplies):
            yield "verifications", Never(f"onduleurs : {known.town.sites[name]['name']}", f"piste verify {name}")


def _switched(known: Known, site: str) -> bool:
    return any(device["kind"] == "switch" for device in known.town.sites[site]["devices"])
