"""The modules of the directory: for each, its table, its driver and what it takes beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.module import Module
from piste.converge.request import Request
from piste.converge.resource import Field
from piste.converge.spec import task_options
from piste.converge.walk import converge
from piste.transport.locks import exclusive
from piste.windows.directory import Directory
from piste.windows.domain import DOMAIN, Domain
from piste.windows.driver import OWNED, DirectoryDriver
from piste.windows.gpo.table import OPTIONS
from piste.windows.gpo_links import GpoLinks
from piste.windows.gpos import Gpos
from piste.windows.groups import Groups
from piste.windows.nps.modules import MODULES as NPS
from piste.windows.organizational_units import OrganizationalUnits
from piste.windows.print_queues import MODULES as PRINTING
from piste.windows.wmi_filters import WmiFilters

_DRIVERS: Mapping[str, tuple[type[DirectoryDriver], tuple[Field, ...]]] = {
    "ad_gpo_links": (GpoLinks, OWNED),
    "ad_gpos": (Gpos, OPTIONS),
    "ad_groups": (Groups, OWNED),
    "ad_organizational_units": (OrganizationalUnits, OWNED),
    "ad_wmi_filters": (WmiFilters, ()),
}


def _run(
    driver_class: type[DirectoryDriver], options: Sequence[Field], params: Mapping[str, Any], check: bool
) -> dict[str, Any]:
    request = Request.of(params, check)
    driver = driver_class(
        Directory(Domain.of(params["domain"])),
        request.owner,
        **{field.name: params[field.name] for field in options if params.get(field.name) is not None},
        everything=request.survey or request.state in ("overridden", "gathered"),
    )
    request.config = driver.asked(request.config)
    try:
        with exclusive(f"ad {params['domain']['controller']}") if request.writes else nullcontext():
            result = converge(driver, request)
    except PisteError as error:
        error.calls = driver.calls
        raise
    finally:
        driver.close()
    return {**result, "calls": driver.calls}


def _module(name: str) -> Module:
    driver_class, options = _DRIVERS[name]
    return Module(
        name=name,
        resource=driver_class.resource,
        options=(DOMAIN, *options, *task_options(driver_class.resource)),
        run=lambda params, check: _run(driver_class, options, params, check),
    )


MODULES: Mapping[str, Module] = {**{name: _module(name) for name in _DRIVERS}, **NPS, **PRINTING}
