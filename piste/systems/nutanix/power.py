"""Start and stop of machines: the guest is asked first; power is cut only where declared.

Source: vmm v4 `ahv/config/vms/{extId}/$actions`. Each function is a script (see `piste.systems.nutanix.tasks`), so that
several machines start or stop side by side.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from piste.engine.converge.errors import Conflict, Missing, PisteError, Rejected
from piste.engine.converge.reading import mapped, text
from piste.systems.nutanix.prism import VMS, Prism

GRACE = 300.0
"""Seconds that a guest may take to shut down."""
_LOOK = 5.0
_ATTEMPTS = 3

NO_SCRIPTS = {"guestPowerStateTransitionConfig": {"shouldEnableScriptExec": False, "shouldFailOnScriptFailure": False}}
"""Body that leaves out the guest's own scripts, which nobody has declared."""

Steps = Generator[str | float, Any, dict[str, Any]]


class StillRunning(PisteError):
    """A guest was asked to shut down and did not in the allowed time."""

    code = "PISTE-E026"


def read(prism: Prism, ext_id: str) -> tuple[dict[str, Any], str]:
    """Read a machine and its ETag, by its id. Raises `Missing`."""
    answer = prism.read(VMS, ext_id)
    if answer is None:
        raise Missing("la machine n’existe plus", where=ext_id, todo="Relancez pour planifier sur l’état actuel.")
    return answer


def act(prism: Prism, ext_id: str, action: str, goal: str, body: Any = None) -> Steps:
    """Do an action on a machine, under its present ETag; return the machine after it.

    An action changes a state and no content: where the machine has changed meanwhile it is read again, and asked
    again unless it has reached `goal` by itself (another person, or a killed run, asked for the same).
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
    """Cut the power: unwritten data of the guest is lost."""
    return (yield from act(prism, ext_id, "power-off", "OFF"))


def shut_down(prism: Prism, ext_id: str, grace: float = GRACE) -> Steps:
    """Shut a guest down, by its tools where they answer, else by ACPI; return the machine.

    Raises `StillRunning` where it still runs after `grace` seconds.
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
                f"{machine.get('name')} ne s’est pas arrêtée en {grace:g} s",
                where=prism.host,
                todo="Elle peut encore s’arrêter d’elle-même, et le resterait : voyez à sa console ce qui la retient, "
                "puis relancez ; ou permettez de couper son courant (stop: forced).",
            )
        yield _LOOK
        waited += _LOOK
    return machine
