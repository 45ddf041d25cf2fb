"""GPOs of a real domain as tests make, change and look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lab.ad.host import TREE
from lab.ad.image import ADMINISTRATOR
from piste.engine.converge.request import Request
from piste.engine.converge.walk import converge
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import Domain as Option
from piste.systems.windows.gpo.store import Store
from piste.systems.windows.gpo.stored import Stored
from piste.systems.windows.gpos import Gpos
from piste.systems.windows.sysvol import Sysvol
from tests.support.samba import Domain


class Killed(BaseException):
    """The process died here: nothing of the product may catch it."""


class Console:
    """An administrator with a connection of their own."""

    def __init__(self, domain: Domain, **option: str) -> None:
        self.domain = domain
        self.directory = Directory(Option.of({**domain.option, **option}))
        self.sysvol = Sysvol(self.directory)

    def run(self, *config: dict[str, Any], driver: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
        everything = request.get("state") in ("overridden", "gathered")
        gpos = Gpos(self.directory, "commune", everything=everything, sysvol=self.sysvol, **(driver or {}))
        return converge(gpos, Request(config=gpos.asked(config), owner="commune", **request))

    def gathered(self, *names: str) -> list[dict[str, Any]]:
        gathered: list[dict[str, Any]] = self.run(*({"name": name} for name in names), state="gathered")["gathered"]
        return gathered

    @property
    def writes(self) -> int:
        return self.directory.calls["writes"] + self.sysvol.calls["writes"]

    def close(self) -> None:
        self.sysvol.close()
        self.directory.close()

    @contextmanager
    def at_write(self, count: int, strike: Callable[[], None], *, after: bool = False) -> Iterator[None]:
        """Call `strike` just before (or after) the write of that number, counted from here."""
        left = [count]
        systems: tuple[Any, ...] = (self.directory, self.sysvol)
        gates: list[tuple[Any, Callable[..., None]]] = [(system, system._write) for system in systems]

        def guarded(write: Callable[..., None]) -> Callable[..., None]:
            def work(*arguments: Any) -> None:
                left[0] -= 1
                if left[0] == 0 and not after:
                    strike()
                number = left[0]
                try:
                    write(*arguments)
                finally:
                    if number == 0 and after:
                        strike()

            return work

        for system, write in gates:
            system._write = guarded(write)
        try:
            yield
        finally:
            for system, _ in gates:
                del system._write


def as_administrator(domain: Domain) -> dict[str, str]:
    """Option of the domain's administrator, whom every policy obeys."""
    name = ADMINISTRATOR
    return {"username": domain.forest.account_dn(name), "password": domain.controller.passwords[name]}


def die() -> None:
    raise Killed


@contextmanager
def console(domain: Domain, **option: str) -> Iterator[Console]:
    here = Console(domain, **option)
    try:
        yield here
    finally:
        here.close()


def stored(here: Console) -> list[Stored]:
    return Store(here.directory, here.sysvol).all()


def guid(here: Console, name: str = "Essai") -> str:
    return next(gpo.guid for gpo in stored(here) if gpo.name == name)


def dn(here: Console, name: str = "Essai") -> str:
    return next(gpo.dn for gpo in stored(here) if gpo.name == name)


def version(here: Console, name: str = "Essai") -> int:
    return next(gpo.version for gpo in stored(here) if gpo.name == name)


def real(here: Console) -> str:
    """Path of the policy's folder where the controller's tree is visible."""
    return f"{TREE}/state/sysvol/{here.domain.forest.domain}/Policies/{guid(here)}"


def whole(here: Console, name: str = "Essai") -> bool:
    """True where folder and object agree, with nothing left of a change and no draft."""
    folder = here.domain.policies / guid(here, name)
    assert f"Version={version(here, name)}\r\n".encode() in (folder / "GPT.INI").read_bytes()
    left = [file.name for file in folder.rglob("*") if file.name.endswith((".tmp", ".pending"))]
    assert left == []
    return True
