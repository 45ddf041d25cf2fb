"""The modules that read Veeam: its copies, and the checks of `piste doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from piste.engine.converge.errors import PisteError, Rejected
from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.engine.transport import probe
from piste.readings.protection.copies import Reading, reading, stamp
from piste.systems.veeam.client import NO_RIGHT, Veeam, VersionRefused
from piste.systems.veeam.connection import DECLARED, VEEAM
from piste.systems.veeam.copies import Document, Read, readings
from piste.town.model.protection.derived import TownProtection

INFRASTRUCTURE = "/api/v1/backupInfrastructure"
DAYS = 45
"""Days of restore points and sessions that are read; older points are no answer to an RPO."""


def read(veeam: Veeam, days: int, *, sizes: bool, used: Sequence[str]) -> Read:
    """Read all lists, and the files of the backups of some repositories (`used`, names)."""
    since = {"createdAfterFilter": stamp(datetime.fromtimestamp(veeam.clock.time(), UTC) - timedelta(days=days))}
    repositories = veeam.items(f"{INFRASTRUCTURE}/repositories")
    backups = veeam.items("/api/v1/backups")
    ids = {repository["id"] for repository in repositories if repository.get("name") in used}
    return Read(
        repositories=repositories,
        states=veeam.items(f"{INFRASTRUCTURE}/repositories/states"),
        jobs=veeam.items("/api/v1/jobs/states"),
        backups=backups,
        points=veeam.items("/api/v1/restorePoints", **since),
        sessions=veeam.items("/api/v1/sessions", **since),
        sizes=_sizes(veeam, [backup for backup in backups if backup.get("repositoryId") in ids]) if sizes else {},
    )


def _sizes(veeam: Veeam, backups: Sequence[Document]) -> dict[str, int]:
    """Give the bytes of the restore points that have a file for themselves."""
    sizes: dict[str, int] = {}
    for backup in backups:
        try:
            files = veeam.items(f"/api/v1/backups/{probe_id(backup['id'])}/backupFiles")
        except Rejected:
            continue
        for file in files:
            points, size = file.get("restorePointIds"), file.get("backupSize")
            if isinstance(points, list) and len(points) == 1 and isinstance(size, int) and not isinstance(size, bool):
                sizes[str(points[0])] = size
    return sizes


def probe_id(id_: str) -> str:
    """Give an id that may stand in a path. Raises `Rejected`."""
    if not id_.replace("-", "").isalnum() or not id_.isascii():
        raise Rejected("un identifiant qui n’en est pas un", where=id_[:40])
    return id_


def _stores(protection: TownProtection, option: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """Give the repositories of each store that Veeam feeds."""
    given = option.get("repositories") or {}
    names = [store["name"] for store in protection["stores"] if store["reader"] == "veeam"]
    return {name: [str(entry) for entry in given.get(name) or [name]] for name in names}


def _days(protection: TownProtection, days: int) -> int:
    """Give the days of points to read: more for a store that is fed less often."""
    ages = [store["max_age_hours"] or 0 for store in protection["stores"] if store["reader"] == "veeam"]
    return max(days, *(-(-age // 24) + 1 for age in ages))


def _copies(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    protection, option = params["declared"], params["veeam"]
    stores, warnings = _stores(protection, option), list[str]()
    mediums = {store["name"]: store["medium"] for store in protection["stores"]}
    sets = {protected["name"].casefold(): protected["name"] for protected in protection["sets"]}
    sets |= {str(name).casefold(): str(protected) for name, protected in (option.get("objects") or {}).items()}
    calls = {"reads": 0, "writes": 0}
    made: list[Reading] = []
    if stores:
        try:
            with closing(Veeam(option)) as veeam:
                calls = veeam.calls
                used = [name for names in stores.values() for name in names]
                answered = read(veeam, _days(protection, int(params["days"])), sizes=bool(params["sizes"]), used=used)
                now = datetime.fromtimestamp(veeam.transport.now(), UTC)
            made = readings(answered, stores, mediums, sets, now, warnings)
        except PisteError as error:
            why = " : ".join(part for part in (error.where, error.what, error.why) if part)
            made = [reading(store, [], unknown=why) for store in stores]
    return {"changed": False, "readings": made, "warnings": warnings, "calls": calls}


def checks(veeam: Veeam, protection: TownProtection, option: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield every finding, in a few reads; stop where the next checks are impossible."""
    probe.hurry(veeam.transport)
    try:
        veeam.sign_in()
    except VersionRefused as error:
        yield Finding("veeam.version", "wrong", f"{error.what} ({error.why})", error.todo)
        return
    except PisteError as error:
        if "jeton" in error.what:
            yield Finding("veeam.account", "wrong", f"{error.what} {error.why}".strip(), error.todo)
        else:
            yield probe.silence("veeam", error)
        return
    yield Finding("veeam.account", "ok", "Veeam répond, son certificat est attesté, le compte est accepté")
    yield probe.certificate("veeam", veeam.transport)
    try:
        info = veeam.document("/api/v1/serverInfo", "buildVersion")
        names = {repository.get("name") for repository in veeam.items(f"{INFRASTRUCTURE}/repositories")}
        for path in ("/api/v1/jobs/states", "/api/v1/restorePoints", "/api/v1/sessions", "/api/v1/backups"):
            veeam.get(path, {"skip": 0, "limit": 1})
    except Rejected as error:
        yield Finding("veeam.rights", "wrong", f"{error.what} {error.why}".strip(), NO_RIGHT)
        return
    except PisteError as error:
        yield Finding("veeam.rights", "unknown", error.sentence(), error.todo or "Relancez.")
        return
    version = str(info["buildVersion"])[:40]
    yield Finding("veeam.version", "ok", f"Veeam Backup & Replication {version}, API {veeam.version}")
    yield Finding("veeam.rights", "ok", "le compte lit les tâches, les dépôts et les points de restauration")
    stores = _stores(protection, option)
    missing = sorted({name for entries in stores.values() for name in entries} - names)
    if missing:
        todo = "Dites dans piste_veeam.repositories quels dépôts sont ceux de chaque endroit déclaré."
        yield Finding("veeam.repositories", "wrong", f"dépôts absents de Veeam : {', '.join(missing)}", todo)
    else:
        yield Finding("veeam.repositories", "ok", f"chaque endroit déclaré a ses dépôts : {', '.join(stores)}")


def _checks(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    try:
        with closing(Veeam(params["veeam"])) as veeam:
            findings = [finding.to_json() for finding in checks(veeam, params["declared"], params["veeam"])]
            return {"changed": False, "findings": findings, "calls": veeam.calls}
    except PisteError as error:
        silent = Finding("veeam.reachable", "unknown", error.sentence(), error.todo or "Relancez.")
        return {"changed": False, "findings": [silent.to_json()], "calls": {"reads": 0, "writes": 0}}


MODULES: Mapping[str, Module] = {
    "veeam_copies": Module(
        name="veeam_copies",
        options=(
            VEEAM,
            DECLARED,
            Field("days", "Days of restore points to read.", type="int", default=DAYS, minimum=1, maximum=3650),
            Field("sizes", "Read the size of restore points too: a read more a backup.", type="bool", default=True),
        ),
        run=_copies,
    ),
    "veeam_checks": Module(name="veeam_checks", options=(VEEAM, DECLARED), run=_checks),
}
