"""The declared certificates that Windows servers keep in their store, read over WinRM."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from piste.engine.converge.errors import Missing, PisteError, Unreachable
from piste.engine.converge.module import Module
from piste.readings.certificates.facts import Facts, facts
from piste.readings.certificates.judgment import covers
from piste.readings.certificates.scan import DECLARED, NAMES, result
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import WINRM, Access
from piste.town.model.certificates import Certificate


def chosen(entry: Certificate, store: Iterable[Facts]) -> Facts:
    """Return the certificate of these names that lasts longest: a store keeps the former too.

    Raises `Missing`.
    """
    named = [
        item
        for item in store
        if any(covers(known, name) for name in entry["names"] for known in (*item["names"], item["common_name"]))
    ]
    if not named:
        raise Missing("aucun certificat de ces noms dans son magasin", where=str(entry["store"]))
    return max(named, key=lambda item: (item["not_after"], item["fingerprint"]))


def _store(session: Session) -> list[Facts]:
    """Read the certificates of a machine that have their private key there."""
    read = []
    for entry in session.run("certificates")["certificates"]:
        if entry["has_private_key"]:
            try:
                read.append(facts(base64.b64decode(entry["content"], validate=True)))
            except ValueError:
                continue  # What does not parse serves nobody.
    return read


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    town, wanted = params["declared"], params.get("names")
    entries: list[Certificate] = [
        entry
        for entry in town["certificates"]
        if entry["reader"] == "store" and (wanted is None or entry["name"] in wanted)
    ]
    read: dict[str, Facts | PisteError] = {}
    calls = {"reads": 0, "writes": 0}
    for server in dict.fromkeys(entry["store"] for entry in entries):
        mine = [entry for entry in entries if entry["store"] == server]
        try:
            session = Session(Access.of(params["winrm"]), str(server))
            try:
                store = _store(session)
            except (KeyError, TypeError, AttributeError) as error:
                raise Unreachable("son magasin ne se lit pas", where=str(server), why=str(error)) from error
            finally:
                session.close()
                calls = {name: count + session.calls[name] for name, count in calls.items()}
            for entry in mine:
                try:
                    read[entry["name"]] = chosen(entry, store)
                except Missing as error:
                    read[entry["name"]] = error
        except PisteError as error:
            read |= {entry["name"]: error for entry in mine}
    return {**result(town, read), "calls": calls}


MODULES: Mapping[str, Module] = {
    "win_certificates": Module(name="win_certificates", options=(WINRM, DECLARED, NAMES), run=_run),
}
