"""Administrators of an SMC: people (`admin_user`) and programs (`api_client`).

The API tells neither their second factor nor their last use. Source: SMC API 7.4, `Administrator` (`superuser`,
`enabled`).
"""

from __future__ import annotations

from collections.abc import Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.reading import text, truth
from piste.engine.converge.run import Params
from piste.systems.administrators import Administrator, Read, Remove, module
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.smc import Smc

KINDS = ("admin_user", "api_client")


def _people(smc: Smc, params: Params) -> tuple[Read, Remove]:
    tags: dict[str, str] = {}

    def read() -> list[Administrator]:
        paths = [path for kind in KINDS for path in smc.listing(kind, fresh=True).values()]
        administrators = []
        for path, document in zip(paths, smc.documents(paths), strict=True):
            if document is not None:
                tags[path] = document["etag"]
                active = truth(document.get("enabled", True))
                whole = truth(document.get("superuser")) and active
                # Only a person can be in charge: a program alone does not keep an SMC in the town's hands.
                name, person = text(document["name"]), "admin_user" in path
                roles = tuple(word for word in ("superuser", "console_superuser") if document.get(word) is True)
                administrators.append(Administrator((name,), whole, path, person=person, active=active, roles=roles))
        return administrators

    def delete(administrator: Administrator) -> None:
        smc.delete(administrator.place, tags[administrator.place])

    return read, delete


MODULES: Mapping[str, Module] = {"smc_administrators": module("smc_administrators", FORCEPOINT, _people)}
