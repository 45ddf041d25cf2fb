"""The modules that converge a kind of object, of every system: the one list that whoever plans, undoes, keeps, compares
or exports goes through."""

from __future__ import annotations

from collections.abc import Mapping

from piste.converge.module import Module
from piste.forcepoint.modules import MODULES as FORCEPOINT
from piste.meraki.modules import MODULES as MERAKI
from piste.nutanix.modules import MODULES as PRISM
from piste.windows.modules import MODULES as WINDOWS

CONVERGING: Mapping[str, Module] = {**MERAKI, **WINDOWS, **FORCEPOINT, **PRISM}
