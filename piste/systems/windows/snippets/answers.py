"""Shape of the answer of each snippet; an answer of another shape is refused."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

Shape = Any
"""A shape of `answers.yml`, with types in place of their names."""
_TYPES = {"str": str, "bool": bool, "int": int}


def _typed(written: Any) -> Shape:
    if isinstance(written, dict):
        return {name: _typed(inner) for name, inner in written.items()}
    return [_typed(inner) for inner in written] if isinstance(written, list) else _TYPES[written]


_WRITTEN = (files(__package__) / "answers.yml").read_text("utf-8")
ANSWERS: Mapping[str, Shape] = _typed(yaml.load(_WRITTEN, yaml.CSafeLoader))


def fitting(snippet: str, value: Any) -> dict[str, Any]:
    """Return an answer that has the shape of its snippet. Raises ValueError for another shape."""
    _fit(snippet, value, ANSWERS[snippet])
    answer: dict[str, Any] = value
    return answer


def _fit(where: str, value: Any, shape: Shape) -> None:
    kind: type = type(shape) if isinstance(shape, (dict, list)) else shape
    if not isinstance(value, kind):
        raise ValueError(f"{where} : {type(value).__name__} au lieu de {kind.__name__}")
    if isinstance(shape, dict) and isinstance(value, dict):
        for name, inner in shape.items():
            bare = name.removesuffix("?")
            if bare == name or value.get(bare) is not None:
                _fit(f"{where}.{bare}", value.get(bare), inner)
    elif isinstance(shape, list) and isinstance(value, list):
        for at, element in enumerate(value):
            _fit(f"{where}[{at}]", element, shape[0])
