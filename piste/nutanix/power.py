"""Starting and stopping machines: the guest is asked first, and the power cut only where somebody said so.

Source: vmm v4 ``ahv/config/vms/{extId}/$actions``. Each is a script (see :mod:`piste.nutanix.tasks`), so that several
machines start or stop side by side.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from piste.converge.errors import Conflict, Missing, PisteError, Rejected
from piste.converge.reading import mapped, text
from piste.nutanix.prism import VMS, Prism

GRACE = 300.0
"""Seconds that a guest is given to shut down."""
_LOOK = 5.0
_ATTEMPTS = 3

NO_SCRIPTS = {"guestPowerStateTransitionConfig": {"shouldEnableScriptExec": False, "shouldFailOnScriptFailure": False}}
"""The guest's own scripts of its tools are not run: nobody has declared them."""

Steps = Generator[str | float, Any, dict[str, Any]]


class StillRunning(PisteError):
    """A guest was asked to shut down and did not in the time that it was given."""

    code = "PISTE-E026"


def read(prism: Prism, ext_id: str) -> tuple[dict[str, Any], str]:
    """A machine and its ETag, by its id."""
    found = prism.read(VMS, ext_id)
    if found is None:
        raise Missing("la machine n'existe plus", where=ext_id, todo="Relancez pour planifier sur l'état actuel.")
    return found


def act(prism: Prism, ext_id: str, action: str, goal: str, body: Any = None) -> Steps:
    """One action on a machine, under the ETag that it has now; the machine after it.

    It changes a state and no content: where the machine moved meanwhile it is looked at again and, unless it has come
    to ``goal`` by itself (somebody else, or a run that died, asked for the same), asked again.
    """
    for left in reversed(range(_ATTEMPTS)):
        machine, etag = read(prism, ext_id)
        if text(machine["powerState"]) == goal:
            return machine
        try:
            task = prism.write("POST", VMS, ext_id, "$actions", action, body=body, etag=etag)
            if task:
                yield task
        except (Conflict, Rejected):
            machine = read(prism, ext_id)[0]
            if not left and machine["powerState"] != goal:
                raise
            yield _LOOK
        else:
            break
    return read(prism, ext_id)[0]


def start(prism: Prism, ext_id: str) -> Steps:
    return (yield from act(prism, ext_id, "power-on", "ON"))


def cut(prism: Prism, ext_id: str) -> Steps:
    """Cut the power: what the guest had not written is lost."""
    return (yield from act(prism, ext_id, "power-off", "OFF"))


def shut_down(prism: Prism, ext_id: str, grace: float = GRACE) -> Steps:
    """Ask the guest to shut down, by its tools where they answer and by ACPI where not; the stopped machine.

    :class:`StillRunning` where it has not in ``grace`` seconds.
    """
    machine, _ = read(prism, ext_id)
    if mapped(machine.get("guestTools")).get("isReachable"):
        yield from act(prism, ext_id, "guest-shutdown", "OFF", NO_SCRIPTS)
    else:
        yield from act(prism, ext_id, "shutdown", "OFF")
    waited = 0.0
    while (machine := read(prism, ext_id)[0])["powerState"] != "OFF":
        if waited >= grace:
            raise StillRunning(
                f"{machine.get('name')} ne s'est pas arrêtée en {grace:g} s",
                where=prism.host,
                todo="Elle peut encore s'arrêter d'elle-même, et le resterait : voyez à sa console ce qui la retient, "
                "puis relancez ; ou permettez de couper son courant (stop: forced).",
            )
        yield _LOOK
        waited += _LOOK
    return machine
