"""The model of SMC 7.4.1 as the tests read it: attributes by kind, at every depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Kinds whose name differs from the model's own entry point.
MODELS = {
    "admin_user": "Administrator",
    "api_client": "ApiClient",
    "ethernet_service": "EthernetService",
    "layer2_cluster": "Layer2Cluster",
    "single_layer2": "Layer2Single",
}
_PLAIN = {"string", "int", "float", "bool", "any", "object"}


class Contract:
    """Attributes that the model knows; a kind without a model is not judged."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.models: dict[str, dict[str, str]] = document["models"]
        self.entry_points: dict[str, str] = document["entry_point"]
        self._by_kind = {kind: name for name, kind in self.entry_points.items()} | MODELS

    def knows(self, kind: str) -> bool:
        return kind in self._by_kind

    def model(self, kind: str) -> str:
        return self._by_kind[kind]

    def unknown(self, kind: str, body: Mapping[str, Any]) -> set[str]:
        """Return the dotted paths of a body that the model of its kind does not have."""
        return self._unknown(self.model(kind), body, "")

    def _unknown(self, model: str, body: Mapping[str, Any], path: str) -> set[str]:
        known, unknown = self.models[model], set()
        for key, value in body.items():
            if key not in known:
                unknown.add(f"{path}{key}")
                continue
            inner = known[key].rstrip("!").removesuffix("[]")
            if inner in self.models:
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, Mapping):
                        unknown |= self._unknown(inner, each, f"{path}{key}.")
        return unknown
