"""The Prism Central that handlers work on: state, clock, switches, faults of tasks."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lab.clock import Clock
from lab.faults import Faults
from lab.prism.behaviour import Behaviour
from lab.prism.errors import TaskFailure
from lab.prism.world import World

Json = dict[str, Any]


@dataclass(slots=True)
class Site:
    """A Prism Central and the clusters that it manages; `username` is the account of Piste.

    `at` is the moment at which a finishing task lives, in seconds since 1970; None for the present.
    """

    world: World
    clock: Clock
    behaviour: Behaviour
    faults: Faults
    username: str
    at: float | None = None

    @property
    def owner(self) -> str:
        """The id of the account."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.username))

    @property
    def cluster(self) -> Json:
        """The cluster that runs machines: Prism Central lists itself as another cluster."""
        return next(c for c in self.world.of("Cluster").values() if "AOS" in c["config"]["clusterFunction"])

    def now(self) -> float:
        return self.clock.now() if self.at is None else self.at

    def moment(self, at: float | None = None) -> str:
        """Return a moment (`now` by default) as the API writes it, with six digits of a second."""
        when = datetime.fromtimestamp(self.now() if at is None else at, UTC)
        return when.isoformat(timespec="microseconds").replace("+00:00", "Z")


Perform = Callable[[Site, Json], None]
"""Does the job of an operation. Raises TaskFailure where the system cannot, ApiError where it has no task."""


def refuse(site: Site, kind: str, ext_id: str, code: str, group: str) -> None:
    """Refuse a reference to what does not exist. Raises TaskFailure."""
    if ext_id not in site.world.of(kind):
        raise TaskFailure(code, group, f"The {kind} with UUID '{ext_id}' is not found.")
