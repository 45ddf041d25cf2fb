"""The module that reads: one interface, where each subject has the options of its own place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.runs.modules import READ, READS

SUBJECT = Field("subject", "What to read.", choices=tuple(READS), required=True)


def of(subject: str) -> Module:
    """Import the module that reads a subject."""
    module: Module = import_module(READS[subject]).MODULES[subject]
    return module


def _chosen(params: Mapping[str, Any]) -> Module:
    """Give the module of the subject that a task names. Raises `InvalidConfig`."""
    subject = str(params.get(SUBJECT.name) or "")
    if subject not in READS:
        wrong = f"« {subject} » n’est pas un sujet de lecture" if subject else "le sujet de la lecture manque"
        raise InvalidConfig([Fault(f"{READ}.{SUBJECT.name}", f"{wrong} ; ceux qui se lisent : {', '.join(READS)}")])
    module = of(subject)
    return replace(module, options=(SUBJECT, *module.options))


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    return _chosen(params).run(params, check)


MODULES: Mapping[str, Module] = {READ: Module(name=READ, options=(SUBJECT,), run=_run, chosen=_chosen)}
