"""A task of a capture: its transports can only read, and what it read goes into no file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Misused
from piste.engine.converge.module import Module
from piste.readings.subject import named

SECRETS = "piste_secrets"
"""The variable of the environment that has its secrets, by path."""
_WITNESS = "piste.exports.capture.recording:attend"
"""The place of what puts the witness of a capture in a worker."""
_FILES = "piste_files"
"""The module that writes what was read, with nothing masked."""


def run(
    module: Module, params: Mapping[str, Any], check: bool, hidden: Sequence[str], secrets: Mapping[str, Any]
) -> dict[str, Any]:
    """Run a task under the witness, which knows every secret, even what the task needs not."""
    if module.name == _FILES:
        return {"changed": False}
    if module.writes_now(params, check):
        todo = "Une capture ne lance que des lectures ; relancez-la par « piste capture »."
        raise Misused("cette tâche écrit, et une capture ne fait que lire", where=module.name, todo=todo)
    named(_WITNESS)(secrets, hidden, params.get("secrets_lock") or "")
    return module.run(params, check)
