"""A module: options, and a function from parameters to a result.

Its callers wrap it for Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from piste.engine.converge.resource import UNSET, Field, Resource
from piste.engine.converge.spec import argument_spec, documentation

Waits = Literal["window", "freeze", "nothing"]
"""What keeps a write waiting: a freeze and a closed window, a freeze alone, or nothing."""


@dataclass(frozen=True, slots=True)
class Module:
    """A name, options, and `run(params, check)`: a result as plain data, or a `PisteError`.

    `resource` is the table behind `config`, None for a module that converges nothing. `writes` marks a module that
    writes without a table: as those that have one, it wants a record. It `waits` for a change window, or for the end
    of a freeze alone, as what only says elsewhere what a run has done; or for nothing.
    """

    name: str
    options: tuple[Field, ...]
    run: Callable[[Mapping[str, Any], bool], dict[str, Any]]
    resource: Resource | None = None
    writes: bool = False
    asked: tuple[str, ...] = ()
    """Options by which a module that `writes` does so; without any of them it only reads."""
    waits: Waits = "window"
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that stand for options that a task leaves out, by option."""
    chosen: Callable[[Mapping[str, Any]], Module] | None = None
    """The module that a task means by its options, where one interface stands for several."""

    def meant(self, params: Mapping[str, Any]) -> Module:
        """Give the module that a task means. Raises `InvalidConfig`."""
        return self.chosen(params) if self.chosen else self

    def writes_now(self, params: Mapping[str, Any], check: bool) -> bool:
        """Tell whether a task of the module writes on a system."""
        reads = check or params.get("state") in ("gathered", "undeclared") or params.get("mode") == "report"
        reads = reads or bool(self.asked and not any(map(params.get, self.asked)))
        return (self.resource is not None or self.writes) and not reads

    @property
    def argument_spec(self) -> dict[str, Any]:
        """The spec of all that the module takes, as its documentation says it."""
        spec = argument_spec(self.options)
        if self.resource:
            spec["config"]["options"] = argument_spec(self.resource.fields, defaults=False)
        return spec

    @property
    def defaults(self) -> dict[str, Any]:
        """The value of each option that a task does not give."""
        return {option.name: None if option.default is UNSET else option.default for option in self.options}

    @property
    def surface_spec(self) -> dict[str, Any]:
        """The spec that Ansible checks, where `config` is left whole.

        Ansible fills the keys that a dict lacks with null, which would turn "not declared" into "to be cleared".
        `normalise.declared` checks the content of `config`.
        """
        return argument_spec(self.options)

    @property
    def documented_options(self) -> dict[str, Any]:
        documented = documentation(self.options)
        if self.resource:
            documented["config"]["suboptions"] = documentation(self.resource.fields, defaults=False)
        return documented
