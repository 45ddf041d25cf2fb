"""The coverage of the supervision (F11): the declared assets of all owners, against Zabbix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.module import Module
from piste.converge.reading import reading
from piste.derived import owners
from piste.zabbix.api import Zabbix
from piste.zabbix.connection import ZABBIX
from piste.zabbix.coverage import coverage, figures
from piste.zabbix.living import living


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    zabbix = Zabbix(params["zabbix"])
    try:
        seen = living(zabbix)
    finally:
        zabbix.close()
    result = {"changed": False, "calls": zabbix.calls}
    if why := seen["unread"].get("hosts"):
        return {**result, "coverage": [], "figures": {}, "warnings": [f"F11 : inconnu ({why})"]}
    with reading("zabbix"):
        rows = coverage([asset for owner in owners().values() for asset in owner["assets"]], seen)
    return {**result, "coverage": [row._asdict() for row in rows], "figures": figures(rows)}


MODULES: Mapping[str, Module] = {
    "zabbix_coverage": Module(name="zabbix_coverage", options=(ZABBIX,), run=_run),
}
