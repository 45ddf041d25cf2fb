"""Folders of the logs of an environment, as this machine sees them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, time
from pathlib import Path

from piste.engine.converge.errors import Missing, Misused
from piste.engine.repository import ROOT
from piste.readings.logs.seals import Sealed
from piste.runs.plans.conditions import LAB
from piste.town.model.dates import OTHER_DAY, today
from piste.town.model.derived import Derived
from piste.town.model.logs.derived import LogStream, TownLogs

TREE, STORE = "PISTE_LOGS_TREE", "PISTE_LOGS_STORE"


def now(environment: str) -> datetime:
    """Give this moment; in the lab, noon of the day of `PISTE_TODAY`. Raises `Misused`."""
    if not os.environ.get(OTHER_DAY):
        return datetime.now(UTC)
    if environment != LAB:
        raise Misused(f"{OTHER_DAY} ne vaut qu’au laboratoire", todo=f"unset {OTHER_DAY}")
    return datetime.combine(today(), time(12), UTC)


def town_logs(town: Derived) -> TownLogs:
    """Return the declared logs. Raises `Missing` where the town declares none."""
    logs = town.commune["logs"] if town.commune else None
    if logs is None:
        raise Missing("la ville ne déclare aucun journal", todo="Déclarez-les : group_vars/all/logs.yml.")
    return logs


def kept_in_tree(logs: TownLogs) -> list[LogStream]:
    """List the streams that the collector's tree has; Piste's own journal lies elsewhere."""
    return [stream for stream in logs["streams"] if stream["transport"] != "journal"]


def former(logs: TownLogs, sealed: Sealed) -> list[LogStream]:
    """List the streams of sites out of service, which are kept to the term of their source."""
    declared = {stream["name"] for stream in logs["streams"]}
    sources = {stream["source"]: stream for stream in logs["streams"] if stream["site"]}
    listed = []
    for name in sorted({name for name, _ in sealed.days} - declared):
        source, _, site = name.partition("/")
        if site and source in sources:
            stream = sources[source].copy()
            stream["name"], stream["site"], stream["senders"] = name, site, []
            listed.append(stream)
    return listed


def tree_folder(environment: str, logs: TownLogs, given: Path | None = None) -> Path:
    """Locate the tree: given, in `PISTE_LOGS_TREE`, that of the lab, the declared tree."""
    if given:
        return given
    if named := os.environ.get(TREE):
        return Path(named)
    if environment == LAB:
        return Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab") / "rsyslog" / "tree"
    return Path(logs["collector"]["tree"])


def store_folder(environment: str, logs: TownLogs, given: Path | None = None) -> Path:
    """Locate the store of exports: given, in `PISTE_LOGS_STORE`, of the lab, as declared."""
    if given:
        return given
    if named := os.environ.get(STORE):
        return Path(named)
    if environment == LAB:
        return Path(os.environ.get("PISTE_LAB_DIR") or ROOT / ".lab") / "rsyslog" / "store"
    return Path(logs["store"])
