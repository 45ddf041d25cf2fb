"""The Python package `piste`, of the version of this collection: the code of every module."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ansible.plugins.action import ActionBase

VERSION = "@VERSION@"
_TODO = (
    "Installez celui du même lot que la collection dans l’environnement qui exécute ansible-playbook : "
    f"pip install --no-deps piste-{VERSION}-py3-none-any.whl (docs/collection.md)."
)


@cache
def fault() -> str:
    """Say why the package cannot be used; empty where it can."""
    try:
        installed = version("piste")
    except PackageNotFoundError:
        return f"le paquet Python « piste » n’est pas installé. Rien n’a été lu ni écrit. {_TODO}"
    if installed != VERSION:
        return f"le paquet « piste » est {installed}, la collection {VERSION}. Rien n’a été lu ni écrit. {_TODO}"
    return ""


class _Refused(ActionBase):
    """The action of any module where the package cannot be used."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        return {"failed": True, "kind": "refused", "msg": fault()}


def action(name: str) -> type[ActionBase]:
    """Make the action plugin of a module."""
    if fault():
        return type("ActionModule", (_Refused,), {"__module__": __name__})
    from piste.runs.dispatch import action as made

    return made(name)
