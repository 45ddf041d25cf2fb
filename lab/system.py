"""The form of a simulated system, and its setting; `lab.instance` lists the systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lab.beyond import Captured
from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Faults
from lab.http import Simulator
from lab.seeds.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings of a system.

    folder     of the lab; the files of a system there are private (0600)
    key        the secret of a name, drawn at the first start and kept (`key("api_key")`)
    inventory  the hardware of the town
    kept       the `state` of the last stop of the lab, or None: the system then starts from `seed`
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


class Replayed(Protocol):
    """A system that can become a captured system.

    `captured` builds a state from answers, with the lines of what was left, and changes nothing; it may raise for an
    answer of another form. `become` takes that state, and lists what it could not take either.
    """

    def captured(self, answers: list[Captured], secrets: Mapping[str, str]) -> tuple[Any, list[str]]: ...
    def become(self, made: Any) -> list[str]: ...


class System(Protocol):
    """A simulated system: its simulator, and its life in the lab.

    `name` is its key in `info.json`, in the state file and in the counts of calls. A seed that a system does not know
    (`town`, which Piste makes over the API) starts it empty.
    """

    name: str
    simulator: Simulator
    faults: Faults
    behaviour: Behaviour

    def describe(self, plain: str, secure: str) -> Mapping[str, Any]:
        """Describe the connection; `plain` and `secure` are URLs without a path, equal without TLS."""
        ...

    def reset(self, seed: str) -> None:
        """Start again from a seed; limits start again too, switches stay."""
        ...

    def image(self) -> bytes:
        """Return bytes that differ whenever the state differs."""
        ...

    def state(self) -> Any:
        """Return the state as a copy of JSON values.

        A secret is in clear only where the real system keeps it so.
        """
        ...

    def finish(self) -> None:
        """Run what is still pending, before the lab stops."""
        ...
