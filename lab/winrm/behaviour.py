"""What the Windows servers can be told to do differently: limits, ways in, unknowns of the real system."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Behaviour:
    """Switches of all servers; change them at any time.

    max_shells  shells that an account may hold at once (`MaxShellsPerUser`, 30 unless somebody changed it)
    max_size    bytes of a request (`MaxEnvelopeSizekb`, 500)
    basic, ntlm which authentications are offered
    ordered     whether an import refuses properties that are not in the order of exports
    silence     seconds for which a server that was made silent keeps its clients waiting
    """

    max_shells: int = 30
    max_size: int = 512_000
    basic: bool = True
    ntlm: bool = True
    ordered: bool = True
    silence: float = 60.0

    def set(self, **values: Any) -> None:
        """Change switches by name. Raises ValueError naming every unknown or ill-typed one."""
        known = self.as_dict()
        faults = [f"comportement inconnu : {name}" for name in values if name not in known]
        faults += [
            f"{name} : valeur de type {type(known[name]).__name__} attendue"
            for name, value in values.items()
            if name in known and not _fits(known[name], value)
        ]
        if faults:
            raise ValueError(" ; ".join(faults))
        for name, value in values.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _fits(present: Any, value: Any) -> bool:
    if isinstance(present, bool) or isinstance(value, bool):
        return type(present) is type(value)
    return isinstance(value, int | float) if isinstance(present, float) else isinstance(value, type(present))
