"""The frame of a module: open its system, take its locks, converge, count requests, close."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from piste.engine.converge.driver import Driver
from piste.engine.converge.errors import PisteError
from piste.engine.converge.locks import exclusive
from piste.engine.converge.module import Module
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Vault
from piste.engine.converge.spec import task_options
from piste.engine.converge.waiting import partial
from piste.engine.converge.walk import converge

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class System:
    """A system as tasks reach it: the options that say where it is, and how to open it."""

    options: tuple[Field, ...]
    connect: Callable[[Params, Vault], Any]

    @contextmanager
    def connected(self, params: Params, vault: Vault) -> Iterator[Any]:
        """Open a connection for the time of a task; add the requests sent to an error."""
        connection = self.connect(params, vault)
        try:
            yield connection
        except PisteError as error:
            error.calls = dict(connection.calls)
            raise
        finally:
            connection.close()


def run(driver_class: type[Driver], connection: Any, request: Request, params: Params) -> dict[str, Any]:
    """Converge one kind, under its locks against other runs of this machine."""
    driver = driver_class.of(connection, request, params)
    request.config = driver.asked(request.config)
    request.absent = driver.asked_absent(request.absent)
    with ExitStack() as locks:
        for place in driver.locks() if request.writes else ():
            locks.enter_context(exclusive(place))
        driver.settle(request)
        return driver.completed(converge(driver, request))


def finish(request: Request, result: Mapping[str, Any]) -> None:
    """End a task that writes: raise where a part of it is kept waiting, the rest being done."""
    if request.writes and request.holding.waiting:
        raise partial(request.holding, request.owner, result)


def module(name: str, system: System, driver_class: type[Driver]) -> Module:
    """Make the module of a kind."""

    def converged(params: Params, check: bool) -> dict[str, Any]:
        request = Request.of(params, check)
        with system.connected(params, request.vault) as connection:
            result = run(driver_class, connection, request, params)
            finish(request, result)
        return {**result, "calls": dict(connection.calls)}

    resource = driver_class.resource
    options = (*system.options, *driver_class.options, *task_options(resource, driver_class.states))
    return Module(name=name, resource=resource, options=options, run=converged)
