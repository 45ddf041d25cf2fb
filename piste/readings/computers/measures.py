"""The module that collects the measures of computers, and keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import PisteError, Unreachable
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.words import agreed
from piste.readings.computers import kept
from piste.readings.computers.collect import Listed, collected, silent
from piste.readings.computers.kept import Kept
from piste.readings.computers.rights import faults
from piste.systems.windows.computers import sids
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN, Domain
from piste.systems.windows.gpo.acl import Descriptor
from piste.systems.windows.share_option import SMB, opened
from piste.systems.windows.shares import NotRead
from piste.town.model.dates import now


def _accounts(option: Mapping[str, Any]) -> tuple[dict[str, str], str, int]:
    """Give the SID of each computer account, the reason where there is none, the calls."""
    try:
        directory = Directory(Domain.of(option))
        try:
            return sids(directory), "", sum(directory.calls.values())
        finally:
            directory.close()
    except PisteError as error:
        return {}, f"l’annuaire n’a pas répondu : {error.what}", 0


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    declared, environment = params["declared"], params["environment"]
    before, moment = kept.last(environment), now()
    accounts, owners, calls = _accounts(params["domain"])
    computers = [
        Listed(computer["name"], computer.get("serial"), accounts.get(computer["name"].upper()))
        for computer in declared["computers"]
    ]
    folder = "\\".join(part for part in (declared.get("path") or "").split("/") if part)
    try:
        share = opened(declared["server"], declared["share"], declared.get("address"), params["smb"])
        try:
            made = collected(share, folder, before, computers, moment, owners)
            made = _with_rights(made, share.descriptor(folder))
        except NotRead as reason:
            raise Unreachable("le dossier des mesures ne se lit pas", where=share.where, why=str(reason)) from reason
        finally:
            share.close()
    except Unreachable as error:
        made = silent(before, computers, error.sentence())
    if not check:
        kept.keep(environment, before, made, moment)
    return _result(made, calls)


def _with_rights(made: Kept, access: Descriptor | None) -> Kept:
    """Add the judgment of the share's access list; the SIDs of the readers are not known here."""
    assert made.collection is not None
    judged = None if access is None else faults(access)
    return made._replace(collection=made.collection.model_copy(update={"rights": judged}))


def _result(made: Kept, calls: int) -> dict[str, Any]:
    """Give counts and refused files; no measure leaves the store."""
    last = None if made.silence else made.collection
    refused = last.refused if last else []
    why = made.silence or (last.why if last else "")
    read = last.read if last else 0
    return {
        "changed": False,
        "state": last.state if last else "silent",
        "files": last.files if last else 0,
        "read": read,
        "measured": len(made.measures),
        "refused": [entry.model_dump(mode="json") for entry in refused],
        "owners": last.owners if last else "",
        "rights": last.rights if last else None,
        # No name of a file: warnings go to logs, and anybody may have chosen it.
        "warnings": [*([why] if why else []), *([agreed(len(refused), "fichier(s) refusé(s)")] if refused else [])],
        "calls": {"reads": calls + 1 + read, "writes": 0},
    }


MODULES: Mapping[str, Module] = {
    "computer_measures": Module(
        name="computer_measures",
        options=(
            Field(
                "declared",
                "Share of the measures, its rules and the computers of the inventory, as C(piste_site) gives them "
                "(C(computer_measures)).",
                type="dict",
                required=True,
            ),
            SMB,
            DOMAIN,
            Field(
                "environment",
                "Environment that keeps the measures: what did not change since is not read again.",
                required=True,
            ),
        ),
        run=_run,
    ),
}
