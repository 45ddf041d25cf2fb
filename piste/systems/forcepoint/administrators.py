"""Administrators of an SMC: people (`admin_user`) and programs (`api_client`).

Who leaves is disabled. The API tells neither their second factor nor their last use. Source: SMC API 7.4,
`Administrator` (`superuser`, `enabled`); the order `enable_disable`, which turns the state over, from the vendor's
Python client.
Believed: [belief smc.administrators].
"""

from __future__ import annotations

from collections.abc import Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.reading import text, truth
from piste.engine.converge.run import Params
from piste.systems.administrators import Accounts, Administrator, module
from piste.systems.forcepoint.connection import FORCEPOINT
from piste.systems.forcepoint.smc import Smc

KINDS = ("admin_user", "api_client")


def _people(smc: Smc, params: Params) -> Accounts:
    def read() -> list[Administrator]:
        paths = [path for kind in KINDS for path in smc.listing(kind, fresh=True).values()]
        administrators = []
        for path, document in zip(paths, smc.documents(paths), strict=True):
            if document is not None:
                active = truth(document.get("enabled", True))
                whole = truth(document.get("superuser"))
                # Only a person can be in charge: a program alone does not keep an SMC in the town's hands.
                name, person = text(document["name"]), "admin_user" in path
                roles = tuple(word for word in ("superuser", "console_superuser") if document.get(word) is True)
                administrators.append(
                    Administrator((name,), whole, path, person=person, active=active, roles=roles,
                                  grants={} if person else {"type": "api_client"})
                )  # fmt: skip
        return [account for account in administrators if account.active or not params["outgoing"]]

    def turn(administrator: Administrator, on: bool) -> None:
        # Its state as it is now: another turns it meanwhile, and the order would turn it back.
        now = smc.document(administrator.place)
        if now is not None and truth(now.get("enabled", True)) is not on:
            smc.order(f"{administrator.place}/enable_disable", {})

    return Accounts(read, lambda account: turn(account, False), lambda account: turn(account, True))


MODULES: Mapping[str, Module] = {"smc_administrators": module("smc_administrators", FORCEPOINT, _people)}
