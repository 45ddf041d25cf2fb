"""The checks of the racks: their acts, what is due, what is late (CCTP 3.6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from piste.engine.clock import DAY, in_town
from piste.engine.converge.errors import Misused
from piste.engine.finding import Finding, State
from piste.engine.words import agreed, some
from piste.town.declared import serving
from piste.town.model.dates import today
from piste.town.model.derived import Derived
from piste.town.model.premises import Rack
from piste.town.model.rack_checks import RackChecked

SUBJECT = "racks"


class Placed(NamedTuple):
    site: str
    rack: Rack


def named(town: Derived, name: str) -> Placed | None:
    """Find a rack by its name, or by `site/rack`. Raises `Misused` where several sites have it."""
    asked = name.casefold()
    every = [Placed(site, rack) for site, own in town.sites.items() for rack in own["premises"]["racks"]]
    same = [it for it in every if asked in (it.rack["name"].casefold(), f"{it.site}/{it.rack['name']}".casefold())]
    if len(same) > 1:
        sites = ", ".join(f"{it.site}/{it.rack['name']}" for it in same)
        raise Misused(f"{name} est une baie de {len(same)} sites", todo=f"Dites lequel : {sites}.")
    return same[0] if same else None


def cells(placed: Placed, step: str | None) -> dict[str, str]:
    """Give the cells of an act on a rack. Raises `Misused` for a check that is not its own."""
    known = [check["id"] for check in placed.rack["checks"]]
    if step not in known:
        said = some(known, len(known)) or "aucun n’est déclaré (rack_checks)"
        raise Misused(f"« {step} » n’est pas un contrôle de {placed.rack['name']}", todo=f"Ses contrôles : {said}.")
    return {"asset": placed.rack["name"], "site": placed.site}




def late(rack: Rack) -> list[RackChecked]:
    """List the checks of a rack whose day is past, the oldest first."""
    day = today().isoformat()
    return sorted((it for it in rack["checks"] if it["due"] and it["due"] < day), key=lambda it: it["due"] or "")


def findings(town: Derived, environment: str) -> Iterator[Finding]:
    """Judge the racks of each site; a laboratory where nothing was inscribed says nothing."""
    every = {
        name: site["premises"]["racks"] for name, site in serving(town).items()
        if any(rack["checks"] for rack in site["premises"]["racks"])
    }  # fmt: skip
    if environment == "lab" and not any(check["done"] for racks in every.values() for rack in racks
                                        for check in rack["checks"]):  # fmt: skip
        return
    for site, racks in every.items():
        yield _judged(site, racks)


def _judged(site: str, racks: Iterable[Rack]) -> Finding:
    past = [(rack["name"], check) for rack in racks for check in late(rack)]
    never = [f"{rack['name']} {check['id']}" for rack in racks for check in rack["checks"] if not check["done"]]
    due = [check["due"] for rack in racks for check in rack["checks"] if check["due"]]
    state: State = "wrong" if past else "unknown" if never else "ok"
    named_late = [f"{rack} {check['id']}, {in_town(check['due'] or '', DAY)}" for rack, check in past]
    parts = [
        f"{agreed(len(past), 'contrôle(s)')} de baie en retard ({some(named_late)})" if past else "",
        f"{agreed(len(never), 'contrôle(s)')} de baie jamais inscrit{'s' if len(never) > 1 else ''} ({some(never)})"
        if never else "",
    ]  # fmt: skip
    said = " ; ".join(filter(None, parts)) or f"baies contrôlées, la prochaine fois le {in_town(min(due), DAY)}"
    todo = "" if state == "ok" else "Faites-les, puis inscrivez-les : piste asset check BAIE --step CONTRÔLE."
    who = (past[0][1] if past else next(check for rack in racks for check in rack["checks"]))["who"]
    return Finding(f"{SUBJECT}.{site}", state, f"{site} : {said}", todo, site=site, gravity="minor", who=who,
                   by=min(due, default=""))  # fmt: skip
