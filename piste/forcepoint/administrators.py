"""The administrators of an SMC: people (``admin_user``), and programs (``api_client``), who are never in charge.

Source: SMC API 7.4, ``Administrator`` (``superuser``, ``enabled``).
"""

from __future__ import annotations

from collections.abc import Mapping

from piste.administrators import Administrator, Read, Remove, module
from piste.converge.module import Module
from piste.converge.reading import text, truth
from piste.converge.run import Params
from piste.forcepoint.connection import FORCEPOINT
from piste.forcepoint.smc import Smc

KINDS = ("admin_user", "api_client")


def _people(smc: Smc, params: Params) -> tuple[Read, Remove]:
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

    return read, delete


MODULES: Mapping[str, Module] = {"smc_administrators": module("smc_administrators", FORCEPOINT, _people)}
