"""The base of the switches of simulators: changes by name, with all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar


@dataclass(slots=True)
class Switches:
    """Switches of a simulator, as fields of a dataclass; `choices`: the values of some switches.

    In a switch that is a mapping, the given keys change and the others stay.
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {}

    def set(self, **values: Any) -> None:
        """Change switches by name. Raises ValueError with every unknown or ill-typed switch."""
        known = {f.name: f for f in fields(self)}
        faults = [f"comportement inconnu : {name}" for name in values if name not in known]
        faults += [
            f"{name} : choisir parmi {', '.join(self.choices[name])}"
            for name, value in values.items()
            if name in self.choices and value not in self.choices[name]
        ]
        faults += [
            f"{name} : valeur de type {known[name].type} attendue"
            for name, value in values.items()
            if name in known and name not in self.choices and not _fits(str(known[name].type), value)
        ]
        faults += self.refusals(values)
        if faults:
            raise ValueError(" ; ".join(faults))
        for name, value in values.items():
            setattr(self, name, {**getattr(self, name), **value} if isinstance(value, Mapping) else value)

    def refusals(self, values: Mapping[str, Any]) -> list[str]:
        """List the other faults of given values."""
        return []

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _fits(annotation: str, value: Any) -> bool:
    if value is None:
        return "None" in annotation
    if isinstance(value, bool):
        return annotation == "bool"
    if isinstance(value, int | float):
        return "float" in annotation or ("int" in annotation and float(value).is_integer())
    return annotation.startswith(type(value).__name__)
