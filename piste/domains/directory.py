"""The directory: Active Directory, its units, groups and group policies."""

from __future__ import annotations

from collections.abc import Mapping

from piste.converge.module import Module
from piste.converge.run import System
from piste.domains.domain import Domain, optional
from piste.windows.domain import DOMAIN
from piste.windows.driver import OWNED
from piste.windows.gpo.table import OPTIONS
from piste.windows.reached import Reached


class DirectoryDomain(Domain):
    name = "directory"
    system = System((DOMAIN,), lambda params, vault: Reached(params["domain"]))
    options = (*optional(*OWNED), *(entry for entry in OPTIONS if entry.name != "prefix"))
    taken = ("base", "apart")


MODULES: Mapping[str, Module] = DirectoryDomain().modules()
