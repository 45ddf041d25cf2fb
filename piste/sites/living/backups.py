"""Backups of a site: its protected sets, and those of the town that it relies on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from piste.engine.finding import worst
from piste.engine.words import agreed
from piste.papers.dossier.verification_record import VERDICTS
from piste.readings.protection.figures import Source, last
from piste.readings.protection.judgment import Judged
from piste.sites.living.seen import Seen

if TYPE_CHECKING:
    from piste.town.model import Site, Town

_DOMAIN = "Sauvegardes"
_REQUIREMENTS = ("R016", "R018", "F14", "R067")
_TOWN = "Ce dont le site dépend est sauvegardé (fichiers, annuaire, réglages, messagerie)"
_SHOWN = 4


def backups(town: Town, site: Site, environment: str) -> Iterator[Seen]:
    """Judge the sets whose original is at the site, by family, then the rest that is no machine."""
    if town.commune is None or not town.protection:
        return
    every, source = last(town, environment)
    here = [entry for entry in every if entry.item["site"] == site["id"]]
    rest = [entry for entry in every if entry not in here and entry.item["kind"] != "machine"]
    for family in dict.fromkeys(entry.item["family"] for entry in here):
        of_family = [entry for entry in here if entry.item["family"] == family]
        title = f"Famille {of_family[0].item['family_label']} : {agreed(len(of_family), 'ensemble(s)')} du site"
        yield _seen(f"backups.{family}", title, of_family, source)
    if rest:
        yield _seen("backups.town", _TOWN, rest, source)


def _seen(id_: str, title: str, entries: Sequence[Judged], source: Sequence[Source]) -> Seen:
    expected = "copies en nombre, ailleurs, assez récentes, comme le veut leur famille"
    if not any(entry["read_at"] for entry in source):
        why = "aucun endroit n’a été lu : piste backups read (docs/sauvegardes.md)"
        return Seen(id_, _DOMAIN, title, _REQUIREMENTS, expected, "pas essayé", "untested", why)
    state = worst(entry.state for entry in entries)
    lacking = [entry for entry in entries if entry.state != "ok"]
    said = [f"{entry.item['name']} ({' ; '.join(entry.faults)})" for entry in lacking]
    more = [agreed(len(said) - _SHOWN, "autre(s)")] if len(said) > _SHOWN else []
    observed = f"{len(entries) - len(lacking)} sur {len(entries)}"
    proof = [
        {"set": entry.item["name"], "state": entry.state, "copies": entry.copies, "media": entry.media,
         "off_site": entry.off_site, "age_hours": entry.age, "faults": list(entry.faults),
         "stores": {kept.store["name"]: kept.words for kept in entry.kept}}
        for entry in entries
    ]  # fmt: skip
    read = [entry["read_at"] for entry in source if entry["read_at"] and not entry["unknown"]]
    return Seen(
        id_, _DOMAIN, title, _REQUIREMENTS, expected, observed, VERDICTS[state], ", ".join([*said[:_SHOWN], *more]),
        proof, min(read, default=None),
    )  # fmt: skip
