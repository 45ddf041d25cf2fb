"""The stop of a command by Ctrl-C or SIGTERM, between two passes and within a pass.

ansible-runner installs handlers and leaves them there, unless it has a function to ask. The first signal of a pass goes
to Ansible: its workers end at once, its record is closed. Elsewhere the signal is a `KeyboardInterrupt`.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from piste.engine.converge.errors import PisteError

SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE = 10.0
"""Seconds for Ansible to close its record and its sessions before it is killed."""


class Stopped(PisteError):
    """Somebody has stopped the run, from the keyboard or by a signal."""

    code = "PISTE-E045"

    def __init__(self, *, writing: bool = False, written: str = "") -> None:
        """Tell what a run that wrote has left, `written` where its record says it."""
        unsure = "Ce qui s’écrivait à ce moment peut être fait en partie."
        super().__init__(
            "l’exécution a été interrompue",
            why=(written or unsure) if writing else "",
            todo="Relancez la même commande : ce qui est fait ne sera pas refait.",
        )


class Pass:
    """A run of Ansible, and the demand to stop it."""

    def __init__(self) -> None:
        self.asked = 0
        self._pid = 0
        self._since = 0.0

    def ask(self, number: int, frame: Any) -> None:
        """The handler of a signal."""
        self.asked += 1
        if self.asked == 1:
            self._since = time.monotonic()
            self._hand_over()

    def heard(self, pid: int) -> None:
        """Learn the process of Ansible from its messages; the demand to stop may precede them."""
        if not self._pid and pid:
            self._pid = pid
            if self.asked:
                self._hand_over()

    def overdue(self) -> bool:
        """Tell whether to kill Ansible: it was asked twice, or does not end."""
        return self.asked > 1 or (self.asked == 1 and time.monotonic() - self._since > GRACE)

    def _hand_over(self) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGINT)


@contextmanager
def noted() -> Iterator[Pass]:
    """Have the signals stop a pass, then put the former handlers back."""
    going = Pass()
    with _handled(going.ask):
        yield going


@contextmanager
def stoppable() -> Iterator[None]:
    """Have SIGTERM interrupt a command as Ctrl-C does. Raises `Stopped` where a signal came."""
    try:
        with _handled(signal.default_int_handler):
            yield
    except KeyboardInterrupt:
        raise Stopped from None


@contextmanager
def _handled(handler: Callable[[int, Any], Any]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in SIGNALS}
    # An ignored signal stays ignored, as that of the keyboard by a command in the background.
    ours = [number for number in SIGNALS if former[number] != signal.SIG_IGN]
    try:
        for number in ours:
            signal.signal(number, handler)
        yield
    finally:
        for number in ours:
            signal.signal(number, former[number] or signal.SIG_DFL)
