"""A module: options, and a function from parameters to a result. What wraps it belongs to whoever calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piste.converge.plan import digest, identity_of
from piste.converge.resource import Field, Resource
from piste.converge.secrets import Secret
from piste.converge.spec import argument_spec, documentation


def saved_operations(path: str | None) -> frozenset[tuple[str, ...]] | None:
    """Identities of the operations that a plan file holds; None without a file."""
    if not path:
        return None
    saved = json.loads(Path(path).read_text("utf-8"))["operations"]
    return frozenset(identity for described in saved for identity in identities_of(described))


def identities_of(described: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """The identity of a planned operation, and that of its second half: where a run dies between a write and the note
    of its secrets, which no system gives back, the next one finds the object as planned, its secrets unknown."""
    after = described["content"]["after"]
    second = {**described, "action": "update", "before": digest(_secrets_unknown(after))}
    return {identity_of(described), *([identity_of(second)] if after is not None else [])}


def _secrets_unknown(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"secret", "fingerprint"}:
            return Secret(value["secret"]).to_json()
        return {name: _secrets_unknown(inner) for name, inner in value.items()}
    return [_secrets_unknown(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Module:
    """``run(params, check)`` returns a result as plain data, or raises a :class:`PisteError`.

    ``resource`` is the table behind ``config``, None for a module that converges nothing.
    """

    name: str
    options: tuple[Field, ...]
    run: Callable[[Mapping[str, Any], bool], dict[str, Any]]
    resource: Resource | None = None

    @property
    def argument_spec(self) -> dict[str, Any]:
        """Everything the module takes, as its documentation says it."""
        spec = argument_spec(self.options)
        if self.resource:
            spec["config"]["options"] = argument_spec(self.resource.fields, defaults=False)
        return spec

    @property
    def surface_spec(self) -> dict[str, Any]:
        """What Ansible is given to check: ``config`` is left whole. Ansible fills the keys that a dict lacks with null,
        which would turn "not declared" into "to be cleared"; :func:`normalise.declared` checks what it holds."""
        return argument_spec(self.options)

    @property
    def documented_options(self) -> dict[str, Any]:
        documented = documentation(self.options)
        if self.resource:
            documented["config"]["suboptions"] = documentation(self.resource.fields, defaults=False)
        return documented
