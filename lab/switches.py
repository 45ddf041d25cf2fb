"""What the switches of every simulator have in common: changed by name, with every fault of a change at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar


@dataclass(slots=True)
class Switches:
    """Switches of one simulator, a dataclass field each; `choices` lists the values of those that have a few.

    Of a switch that is a mapping, the keys given change and the others stay.
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {}

    def set(self, **values: Any) -> None:
        """Change switches by name. Raises ValueError naming every unknown or ill-typed one."""
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
        """Say what else is wrong with the values given."""
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
