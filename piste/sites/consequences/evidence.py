"""The evidence of a plan: its readings, and the declaration in the place of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from piste.runs.plans.show import DRIFT
from piste.systems.kinds import DOMAINS, domain_of
from piste.town.declared import in_service

if TYPE_CHECKING:
    from piste.sites.status import SiteState
    from piste.town.model.derived import Derived

SITE = "playbooks/site.yml"
Part = tuple[str, str]
"""An owner and a domain of its own."""


class Evidence:
    """The parts of the town that a plan read, or takes from the declaration."""

    def __init__(self, plan: Mapping[str, Any], town: Derived) -> None:
        self.read: set[Part] = {(o["owner"], domain_of(o)) for o in plan["operations"]}
        path = PurePath(plan["playbook"])
        # An undo, and the closing of a site, read the objects of their operations alone.
        if path.parent.name == "domains" or plan["playbook"] in (SITE, DRIFT):
            alone = path.stem if path.parent.name == "domains" else plan.get("tags")
            domains = (alone,) if alone else DOMAINS
            self.read |= {(owner, domain) for owner in in_service(town, plan["limit"]) for domain in domains}
        self.silent = {(trouble["host"], trouble.get("domain", "")) for trouble in plan["troubles"]}
        """Owners and domains of tasks that did not end well; without its domain, a task is of any of them."""

    def of(self, parts: Iterable[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Sort parts that something rests on: those that are assumed, those that did not answer."""
        wanted = sorted(set(parts))
        unread = tuple(part for part in wanted if part in self.read and {part, (part[0], ""), ("", "")} & self.silent)
        return tuple(part for part in wanted if part not in self.read), unread


def since(states: Sequence[SiteState], owner: str) -> str:
    """Say when an owner was last seen as declared; empty where the journal does not say."""
    from piste.papers.dossier.notation import moment

    state = next((state for state in states if state.site == owner), None)
    passages = [passage for passage in (state.last, state.drift) if passage] if state else []
    good = [passage.ended for passage in passages if passage.outcome == "ok"]
    return moment(max(good)).partition(" ")[0] if good else ""
