"""The administrators of an SMC: people (``admin_user``), and programs (``api_client``), who are never in charge.

Source: SMC API 7.4, ``Administrator`` (``superuser``, ``enabled``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.converge.administrators import OPTIONS, Administrator, answer
from piste.converge.module import Module
from piste.converge.reading import text, truth
from piste.forcepoint.connection import SMC
from piste.forcepoint.smc import Smc

KINDS = ("admin_user", "api_client")


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    smc = Smc(params["smc"])
    tags: dict[str, str] = {}

    def read() -> list[Administrator]:
        paths = [path for kind in KINDS for path in smc.listing(kind, fresh=True).values()]
        found = []
        for path, document in zip(paths, smc.documents(paths), strict=True):
            if document is not None:
                tags[path] = document["etag"]
                whole = truth(document.get("superuser")) and truth(document.get("enabled", True))
                # Only a person can be in charge: a program that has lost its people is not one of the town's.
                found.append(Administrator((text(document["name"]),), whole, path, person="admin_user" in path))
        return found

    def delete(one: Administrator) -> None:
        smc.delete(one.place, tags[one.place])

    try:
        result = answer("smc", read, delete, params, check)
    finally:
        smc.close()
    return {**result, "calls": smc.calls}


MODULES: Mapping[str, Module] = {
    "smc_administrators": Module(name="smc_administrators", options=(SMC, *OPTIONS), run=_run, held=True)
}
