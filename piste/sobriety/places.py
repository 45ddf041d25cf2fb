"""Places of sobriety: the site of a name, its label for readers, the day its lever began."""

from __future__ import annotations

import re

from piste.town.model import Town
from piste.town.model.sobriety.levers import APPLIED


def place_of(town: Town, name: str) -> str:
    """Find the site that a figure names: `ccas`, `ccas (deux bornes)`, or a queue of the site.

    Empty if it names none.
    """
    head = name.partition(" (")[0]
    if head in town.sites:
        return head
    for site, here in town.sites.items():
        printing = here["printing"]
        if printing and (
            head.startswith(printing["prefix"]) or any(queue["name"] == head for queue in printing["queues"])
        ):
            return site
    return ""


def label(town: Town, name: str) -> str:
    """Write the label of a site for its id; any other name as it is."""
    site = town.sites.get(name)
    return site["name"] if site else name


def labelled(town: Town, text: str) -> str:
    """Write the label of each site whose id is a word of a text; `pc-ctm-01` stays as it is."""
    ids = "|".join(re.escape(site) for site in sorted(town.sites, key=len, reverse=True))
    return re.sub(rf"(?<![\w'’./-])(?:{ids})(?![\w./-])", lambda match: label(town, match[0]), text) if ids else text


def applied_since(town: Town, lever: str, site: str, day: str) -> str | None:
    """Find the day of the step that applied a lever at a site, in effect on a day; None if off.

    An empty site is any site. A site that is spared, for good or on that day, has no lever.
    """
    declared = town.sobriety.levers[lever]
    exceptions = [
        exception
        for exception in town.sobriety.exceptions.get(site, ())
        if exception.start <= day <= exception.until and (not exception.levers or lever in exception.levers)
    ]
    if site in declared.spared or exceptions:
        return None
    since: str | None = None
    for step in town.sobriety.rollout:
        if step.lever != lever or step.date > day or step.step not in (*APPLIED, "reverted"):
            continue
        targets = step.targets or (declared.pilot if step.step == "pilot" else [])
        if targets and site not in targets and (site or step.step == "reverted"):
            continue
        since = None if step.step == "reverted" else since or step.date
    return since
