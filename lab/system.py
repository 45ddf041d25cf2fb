"""What the lab gives a simulated system, and what it needs of one: a class per system, listed in `lab.instance`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Faults
from lab.http import Simulator
from lab.seeds.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Setting:
    """What a system is made in.

    folder     of the lab; whatever a system keeps there by itself is private (0600)
    key        the secret of a name, drawn at the first start and kept since (`key("api_key")`)
    inventory  the hardware of the town
    kept       what `state` gave when the lab last stopped, or None: the system then starts from `seed`
    """

    folder: Path
    clock: Clock
    calls: Calls
    key: Callable[[str], str]
    inventory: Callable[[], Inventory]
    seed: str = "empty"
    kept: Any = None


class Behaviour(Protocol):
    """Switches of a simulator: limits, delays, unknowns of the real system."""

    def set(self, **values: Any) -> None: ...
    def as_dict(self) -> dict[str, Any]: ...


class System(Protocol):
    """A simulated system: what answers its requests, and its life in the lab.

    `name` is its key in `info.json`, in the state file and in the counts of calls. A seed that a system does not know
    by itself (`town`, where Piste makes the town over the API) starts it empty.
    """

    name: str
    simulator: Simulator
    faults: Faults
    behaviour: Behaviour

    def describe(self, plain: str, secure: str) -> Mapping[str, Any]:
        """Say where and how to connect; `plain` and `secure` are URLs without a path, equal where there is no TLS."""
        ...

    def reset(self, seed: str) -> None:
        """Start again from a seed; limits start again too, switches stay."""
        ...

    def image(self) -> bytes:
        """Return what differs whenever the state differs."""
        ...

    def state(self) -> Any:
        """Return the state as JSON values of its own, which later writes leave alone.

        No secret in clear unless the real system keeps it so.
        """
        ...

    def finish(self) -> None:
        """Run what is still pending, before the lab stops."""
        ...
