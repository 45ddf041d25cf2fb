"""The strict contract of types of Prism Central's v4 API, field by field.

Derived from the vendor's packages: {namespace: {model: {props: {field: type}, constraints: {field: {…}}} | {enum} |
{oneOf}}}. A type is str, int, bool, float, datetime, date, object, `list[T]`, `dict(str, T)` or the name of a model.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_PLAIN: dict[str, type | tuple[type, ...]] = {
    "str": str, "int": int, "bool": bool, "float": (int, float), "datetime": str, "date": str, "object": object,
}  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Contract:
    """The models of every namespace; `faults` checks a value against a model."""

    def __init__(self, file: Path) -> None:
        self.models: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def model(self, namespace: str, name: str) -> dict[str, Any]:
        """Return a model. Raises KeyError for an unknown name."""
        model: dict[str, Any] = self.models[namespace][name]
        return model

    def faults(self, namespace: str, name: str, value: Any) -> list[str]:
        """Return the faults of a value, each with its place; an empty list where it has none."""
        faults: list[str] = []
        self._check(namespace, name, value, "$", faults)
        return faults

    def answer(self, namespace: str, name: str, value: Any) -> list[str]:
        """Check a whole answer: its type, that of its data, and needs of the vendor's deserialisers."""
        faults = self.faults(namespace, name, value)
        if value.get("$objectType") != name:
            faults.append(f"$: $objectType {value.get('$objectType')}, expected {name}")
        data = value.get("data")
        if data == []:
            faults.append("$.data: an empty list has no data at all")
        for rank, item in enumerate(data if isinstance(data, list) else [data] if data else ()):
            faults += [f"$.data[{rank}]: no {key}" for key in ("$objectType", "$reserved") if key not in item]
        return faults

    def _check(self, namespace: str, kind: str, value: Any, where: str, faults: list[str]) -> None:
        if value is None:
            faults.append(f"{where}: null, where a field that has no value is absent")
        elif kind.startswith("list["):
            if not isinstance(value, list):
                faults.append(f"{where}: expected a list")
                return
            for rank, item in enumerate(value):
                self._check(namespace, kind[5:-1], item, f"{where}[{rank}]", faults)
        elif kind in _PLAIN:
            if not isinstance(value, _PLAIN[kind]) or (kind == "int" and isinstance(value, bool)):
                faults.append(f"{where}: expected {kind}, got {type(value).__name__}")
            elif kind == "datetime" and not _MOMENT.fullmatch(value):
                faults.append(f"{where}: not a moment: {value!r}")
        elif not kind.startswith("dict("):
            self._model(namespace, kind, value, where, faults)

    def _model(self, namespace: str, kind: str, value: Any, where: str, faults: list[str]) -> None:
        model = self.model(namespace, kind)
        if "oneOf" in model:
            self._one_of(namespace, model["oneOf"], value, where, faults)
            return
        if "enum" in model:
            if value not in model["enum"] or str(value).startswith("$"):
                faults.append(f"{where}: {value!r} is no {kind}")
            return
        if not isinstance(value, dict):
            faults.append(f"{where}: expected {kind}")
            return
        if value.get("$objectType", kind) != kind:
            faults.append(f"{where}: $objectType {value['$objectType']}, expected {kind}")
        for key, item in value.items():
            if key.startswith("$"):
                continue
            if key not in model["props"]:
                faults.append(f"{where}.{key}: unknown field of {kind}")
                continue
            self._check(namespace, model["props"][key], item, f"{where}.{key}", faults)
            faults += _bounds(item, model["constraints"].get(key, {}), f"{where}.{key}")

    def _one_of(self, namespace: str, choices: list[str], value: Any, where: str, faults: list[str]) -> None:
        if isinstance(value, list):
            first = value[0].get("$objectType", "") if value and isinstance(value[0], dict) else ""
            if f"list[{first}]" not in choices:
                faults.append(f"{where}: a list of {first or 'untyped values'}, expected one of {choices}")
            else:
                self._check(namespace, f"list[{first}]", value, where, faults)
        elif not isinstance(value, dict):
            if not any(choice in _PLAIN and isinstance(value, _PLAIN[choice]) for choice in choices):
                faults.append(f"{where}: {type(value).__name__}, expected one of {choices}")
        elif value.get("$objectType") not in choices:
            faults.append(f"{where}: $objectType {value.get('$objectType')}, expected one of {choices}")
        else:
            self._check(namespace, value["$objectType"], value, where, faults)


def _bounds(value: Any, limits: dict[str, Any], where: str) -> list[str]:
    if isinstance(value, str):
        faults = [("pattern", "pattern" in limits and not re.search(limits["pattern"], value))]
        faults.append(("maxLength", len(value) > limits.get("maxLength", len(value))))
        faults.append(("minLength", len(value) < limits.get("minLength", 0)))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        faults = [("min", value < limits.get("min", value)), ("max", value > limits.get("max", value))]
    else:
        faults = []
    return [f"{where}: {value!r} against {name} {limits.get(name)}" for name, wrong in faults if wrong]
