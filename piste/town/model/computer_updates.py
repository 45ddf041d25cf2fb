"""Updates of Windows: their ages, and the rings that take them (CCTP 4.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from pydantic import Field

from .forms import Marked, PolicyName

if TYPE_CHECKING:
    from .directory.form import DirectoryPolicy
    from .view import View

RingId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
_DEFERRED, _DAYS = "windows_update.defer_quality", "windows_update.defer_quality_days"


class ComputerUpdates(Marked):
    """Ages of updates, and rings, the pilot first, each by the policy of its computers.

    A computer is late `late_days` after its last security update, or `search_days` after its last search.
    """

    late_days: Annotated[int, Field(ge=7, le=180)] = 45
    search_days: Annotated[int, Field(ge=1, le=60)] = 7
    rings: dict[RingId, PolicyName] = Field(default_factory=dict)


class TownUpdates(TypedDict):
    """The updates of the town; `rings` gives the policy of each ring, the pilot first."""

    late_days: int
    search_days: int
    rings: dict[str, str]


def derive_updates(declared: ComputerUpdates | None) -> TownUpdates | None:
    if declared is None:
        return None
    return TownUpdates(late_days=declared.late_days, search_days=declared.search_days, rings=dict(declared.rings))


def check_computer_updates(view: View) -> None:
    """M407: each ring comes after the ring before; all but the last are a group's."""
    town = view.declared.town
    declared, policies = town.variables.computer_updates, town.variables.directory_policies
    if declared is None:
        return
    rings = {name: policies[policy] for name, policy in declared.rings.items() if policy in policies}

    def fault(ring: str, message: str) -> None:
        key = ("computer_updates", "rings", ring)
        view.faults.add("PISTE-M407", f"computer_updates.rings[{ring}]", town.where(key), f"{ring} : {message}")

    for name, policy in rings.items():
        if _settings(policy).get(_DEFERRED) is not True or _DAYS not in _settings(policy):
            fault(name, f"sa stratégie ne dit pas de combien de jours elle diffère ({_DEFERRED}, {_DAYS})")
    for (_, before), (name, policy) in pairwise(rings.items()):
        if _settings(policy).get(_DAYS, 0) <= _settings(before).get(_DAYS, 0):
            fault(name, "il reçoit les mises à jour avant l’anneau précédent, ou en même temps")
    for name, policy in list(rings.items())[:-1]:
        if not policy.filtering:
            fault(name, "sa stratégie s’applique à tous : filtrez-la par le groupe de ses postes (filtering)")
    for place, linked in town.variables.directory_links.items():
        order = [name for policy in linked for name, own in declared.rings.items() if own == policy]
        if order != sorted(order, key=list(declared.rings).index):
            fault(order[0], f"à « {place} », elle passe avant celle d’un anneau plus tôt : le pilote se lie le premier")


def _settings(policy: DirectoryPolicy) -> Mapping[str, Any]:
    settings: Mapping[str, Any] = (policy.computer or {}).get("policies", {})
    return settings
