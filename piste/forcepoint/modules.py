"""The modules of the SMC: for each, its table, its driver and the states that make sense for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.module import Module
from piste.converge.request import Request
from piste.converge.resource import Field, Resource
from piste.converge.spec import REHEARSE, task_options
from piste.converge.walk import converge
from piste.forcepoint.connection import SMC
from piste.forcepoint.driver import SmcDriver
from piste.forcepoint.element_table import ELEMENTS
from piste.forcepoint.elements import Elements
from piste.forcepoint.installations import INSTALLATIONS, Installations
from piste.forcepoint.installations import OPTIONS as INSTALLATION_OPTIONS
from piste.forcepoint.policies import Policies
from piste.forcepoint.policy_table import POLICIES
from piste.forcepoint.smc import Smc
from piste.transport.locks import exclusive

Params = Mapping[str, Any]
STATES = ("merged", "replaced", "deleted", "gathered")

RULE_OPTIONS = (
    Field(
        "adopt",
        "Also write into the comments the ids by which rules without one are called, and take an unnamed rule for the "
        "declared one of the same content.",
        type="bool",
        default=False,
    ),
    Field(
        "keep",
        "Ids or names of the rules that let administration in: removing or weakening one, or putting it behind a "
        "refusal, asks for a word.",
        type="list",
        default=[],
    ),
    REHEARSE,
)


ELEMENT_OPTIONS = (
    Field(
        "keep",
        "Elements, C(type/name), of the rules that let administration in: changing one into another asks for a word.",
        type="list",
        default=[],
    ),
    REHEARSE,
)


def policies(smc: Smc, request: Request, params: Params) -> Policies:
    return Policies(smc, request, adopt=bool(params.get("adopt")), keep=params.get("keep") or ())


def _elements(smc: Smc, request: Request, params: Params) -> Elements:
    return Elements(smc, request, keep=params.get("keep") or ())


def run(
    make: Callable[[Smc, Request, Params], SmcDriver], locks: Sequence[str], params: Params, check: bool
) -> dict[str, Any]:
    """Converge one kind, holding what it writes against other runs of this machine."""
    request = Request.of(params, check)
    smc = Smc(params["smc"])
    driver = make(smc, request, params)
    try:
        with ExitStack() as held:
            for name in locks if request.writes else ():
                held.enter_context(exclusive(f"smc {smc.url} {name}"))
            request.config = driver.asked(request.config)
            result = converge(driver, request)
    except PisteError as error:
        error.calls = smc.calls
        raise
    finally:
        driver.close()
    return {**result, "calls": smc.calls}


def module(
    name: str,
    resource: Resource,
    make: Callable[[Smc, Request, Params], SmcDriver],
    *,
    options: tuple[Field, ...] = (),
    states: Sequence[str] = STATES,
    locks: Sequence[str] = (),
) -> Module:
    return Module(
        name=name,
        resource=resource,
        options=(SMC, *options, *task_options(resource, states)),
        run=lambda params, check: run(make, locks, params, check),
    )


MODULES: Mapping[str, Module] = {
    "smc_elements": module("smc_elements", ELEMENTS, _elements, options=ELEMENT_OPTIONS, locks=("elements",)),
    "smc_policies": module("smc_policies", POLICIES, policies, options=RULE_OPTIONS, locks=("policies",)),
    # While it installs, nothing of this machine writes rules.
    "smc_installations": module(
        "smc_installations",
        INSTALLATIONS,
        Installations,
        options=INSTALLATION_OPTIONS,
        states=("merged", "gathered"),
        locks=("policies", "installations"),
    ),
}
