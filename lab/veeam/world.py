"""Repositories and jobs of a simulated Veeam, and the restore points of each night."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from lab.veeam.behaviour import Behaviour

Json = dict[str, Any]
_INFRASTRUCTURE = "/api/v1/backupInfrastructure"
JOBS, STATES = "/api/v1/jobs", "/api/v1/jobs/states"
NIGHT = 21
"""Hour, in UTC, at which jobs run."""
KEPT = 14
"""Days for which restore points are kept."""
_PLATFORM = "00000000-0000-0000-0000-000000000000"


def uid(*words: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, words))))


def stamp(moment: datetime) -> str:
    """Write a moment as Veeam does, with its offset."""
    return moment.isoformat(timespec="seconds")


class Answered:
    """The answers of a captured server: its lists by path, and what it said of itself.

    Its administrator may still disable and enable its jobs.
    """

    def __init__(self, content: Json) -> None:
        self.content = content

    def lists(self, now: float, behaviour: Behaviour) -> dict[str, Callable[[], list[Json]]]:
        """Give the lists by path, each as a function."""
        kept: Mapping[str, list[Json]] = self.content["lists"]
        switched = {STATES: lambda: [_switched(job, behaviour) for job in kept[STATES]]} if STATES in kept else {}
        listed = {JOBS: lambda: [_listed(job, behaviour) for job in kept.get(JOBS, kept.get(STATES, []))]}
        return {**{path: partial(list, items) for path, items in kept.items()}, **switched, **listed}

    def server(self) -> Json:
        return dict(self.content["server"])

    def disabled(self) -> list[str]:
        """Name the jobs that were disabled when they were captured."""
        return [job["name"] for job in self.content["lists"].get(STATES, []) if job.get("status") == "disabled"]


def _switched(job: Json, behaviour: Behaviour) -> Json:
    if job["name"] in behaviour.disabled_jobs:
        return {**job, "status": "disabled"}
    return {**job, "status": "inactive"} if job.get("status") == "disabled" else job


def _listed(job: Json, behaviour: Behaviour) -> Json:
    return {"id": job["id"], "name": job["name"], "type": job.get("type", "Backup"), **({} if "status" in job else job),
            "isDisabled": job["name"] in behaviour.disabled_jobs}  # fmt: skip


class World:
    """The repositories and the objects by job; restore points follow from the time."""

    def __init__(self, objects: Iterable[str], repositories: Mapping[str, int]) -> None:
        self.objects, self.repositories = list(objects), dict(repositories)

    def nights(self, now: float, behaviour: Behaviour) -> list[datetime]:
        """List the nights whose restore points are there, the last first."""
        last = datetime.fromtimestamp(now, UTC).replace(hour=NIGHT, minute=0, second=0, microsecond=0)
        if last.timestamp() > now:
            last -= timedelta(days=1)
        return [last - timedelta(days=day) for day in range(behaviour.lost_days, KEPT)]

    def lists(self, now: float, behaviour: Behaviour) -> dict[str, Callable[[], list[Json]]]:
        """Give the lists by path, each as a function."""
        names = self.repositories
        files = {uid("backup", name): partial(self.files, uid("backup", name), now, behaviour) for name in names}
        return {
            f"{_INFRASTRUCTURE}/repositories": lambda: [self.repository(name) for name in names],
            f"{_INFRASTRUCTURE}/repositories/states": lambda: [self.repository_state(n, behaviour) for n in names],
            JOBS: lambda: [self.listed_job(name, behaviour) for name in names],
            STATES: lambda: [self.job(name, now, behaviour) for name in names],
            "/api/v1/backups": lambda: [self.backup(name, now) for name in names],
            "/api/v1/restorePoints": partial(self.points, now, behaviour),
            "/api/v1/sessions": partial(self.sessions, now, behaviour),
            **{f"/api/v1/backups/{backup}/backupFiles": made for backup, made in files.items()},
        }

    def server(self) -> Json:
        return {
            "vbrId": "5f1d9c4e-0000-4000-8000-000000000001", "name": "veeam.lab", "buildVersion": "12.3.1.1139",
            "patches": [], "databaseVendor": "PostgreSql", "sqlServerEdition": "", "sqlServerVersion": "15",
            "databaseSchemaVersion": "9000", "databaseContentVersion": "9000", "platform": "Windows",
        }  # fmt: skip

    def repository(self, name: str) -> Json:
        """Give a repository: hardened where it keeps backups immutable, else a folder of Windows."""
        days = self.repositories[name]
        made: Json = {
            "id": uid("repository", name), "name": name, "description": "", "uniqueId": uid("unique", name),
            "hostId": uid("host", name), "type": "LinuxHardened" if days else "WinLocal",
            "repository": {"path": "/backups", "taskLimitEnabled": True, "maxTaskCount": 4},
            "mountServer": {
                "mountServerId": uid("host", name), "writeCacheFolder": "/var/lib/veeam", "vPowerNFSEnabled": False,
            },
        }  # fmt: skip
        if days:
            made["repository"]["makeRecentBackupsImmutableDays"] = days
        return made

    def repository_state(self, name: str, behaviour: Behaviour) -> Json:
        repository = self.repository(name)
        return {
            "id": repository["id"], "name": name, "type": repository["type"], "description": "",
            "hostId": repository["hostId"], "hostName": f"{name}.lab", "path": "/backups", "capacityGB": 20000.0,
            "freeGB": 8000.0, "usedSpaceGB": 12000.0, "isOnline": name not in behaviour.offline,
        }  # fmt: skip

    def job(self, repository: str, now: float, behaviour: Behaviour) -> Json:
        ran = self.nights(now, Behaviour())[0]
        failed = bool(set(behaviour.failed) & set(self.objects))
        name = f"Nuit {repository}"
        return {
            "id": uid("job", repository), "name": name, "type": "Backup", "description": "",
            "status": "disabled" if name in behaviour.disabled_jobs else "inactive",
            "lastResult": "Failed" if failed else "Success", "workload": "vm",
            "objectsCount": len(self.objects), "lastRun": stamp(ran), "nextRun": stamp(ran + timedelta(days=1)),
            "repositoryId": uid("repository", repository), "repositoryName": repository,
            "sessionId": uid("session", repository, ran),
        }  # fmt: skip

    def listed_job(self, repository: str, behaviour: Behaviour) -> Json:
        """Give a job as the list of jobs does, without its contents."""
        name = f"Nuit {repository}"
        disabled = name in behaviour.disabled_jobs
        return {"id": uid("job", repository), "name": name, "type": "Backup", "isDisabled": disabled}

    def backup(self, repository: str, now: float) -> Json:
        return {
            "id": uid("backup", repository), "jobId": uid("job", repository), "name": f"Nuit {repository}",
            "policyUniqueId": "", "platformName": "VMware", "platformId": _PLATFORM,
            "creationTime": stamp(self.nights(now, Behaviour())[-1]), "repositoryId": uid("repository", repository),
        }  # fmt: skip

    def points(self, now: float, behaviour: Behaviour) -> list[Json]:
        nights = self.nights(now, behaviour)
        return [
            {
                "id": uid("point", repository, name, night), "name": name, "type": "Increment",
                "platformName": "VMware", "platformId": _PLATFORM, "creationTime": stamp(night),
                "backupId": uid("backup", repository), "sessionId": uid("session", repository, night, name),
                "allowedOperations": ["StartEntireVmRestore", "StartFlrRestore"],
                "malwareStatus": "Infected" if name in behaviour.infected and night == nights[0] else "Clean",
                "backupFileId": uid("file", repository, name, night),
            }
            for repository in self.repositories
            for night in nights
            for name in self.objects
        ]  # fmt: skip

    def sessions(self, now: float, behaviour: Behaviour) -> list[Json]:
        if behaviour.forgotten:
            return []
        nights = self.nights(now, behaviour)
        made = []
        for point in self.points(now, behaviour):
            failed = point["name"] in behaviour.failed and point["creationTime"] == stamp(nights[0])
            made.append({
                "id": point["sessionId"], "name": point["name"], "jobId": uid("job", point["backupId"]),
                "sessionType": "BackupJob", "creationTime": point["creationTime"], "endTime": point["creationTime"],
                "state": "Stopped", "progressPercent": 100, "usn": 1, "platformName": "VMware",
                "result": {
                    "result": "Failed" if failed else "Success",
                    "message": "Processing failed" if failed else "Success", "isCanceled": False,
                },
            })  # fmt: skip
        return made

    def files(self, backup: str, now: float, behaviour: Behaviour) -> list[Json]:
        return [
            {
                "id": point["backupFileId"], "name": f"{point['name']}.vib", "backupId": backup,
                "objectId": uid("object", point["name"]), "dataSize": 40_000_000_000, "backupSize": 9_000_000_000,
                "dedupRatio": 50, "compressRatio": 45, "creationTime": point["creationTime"],
                "restorePointIds": [point["id"]], "gfsPeriods": [],
            }
            for point in self.points(now, behaviour)
            if point["backupId"] == backup
        ]  # fmt: skip
