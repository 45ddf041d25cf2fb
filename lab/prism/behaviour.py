"""Switches of the simulated Prism Central: unknowns of the real system, limits, delays.

A point without a source is settled here and nowhere else: a single change corrects it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from lab.switches import Switches

NAMESPACES = ("vmm", "networking", "prism", "clustermgmt", "dataprotection", "datapolicies", "iam", "monitoring")


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of one simulator; change them at any time.

    versions             the newest version that each namespace serves
    rate_limit           requests a second of an operation (None: no limit)
    over_rate            status of a request above it (a real system was observed to shed load with 503 and 401)
    session_seconds      life of a session cookie
    lockout              wrong passwords in a row that lock the account for 15 minutes (None: never)
    task_seconds         how long a task takes
    read_lag             reads that do not show a created entity yet, after its task has succeeded
    etag_late            the task finds a stale ETag, not the request
    shutdown_seconds     how long a guest takes to go down after the request
    deaf                 names of machines whose guest never goes down
    unknown_reference    who refuses an unknown cluster, subnet, image or category: the task, or the request
    power_on_when_on     who refuses a power action in the wrong state: the task, or the request
    read_only_in_body    the fate of a read-only field in a body
    categories_by_put    whether the replacement of a machine replaces its categories, or leaves them to their actions
    reused_id            the answer to a request id used before: the old answer, or a refusal (of all, or of another
                         body)
    forbidden            namespaces in which the account has no right
    power_readings       whether the nodes measure their power
    waits                by machine, what it measures in place of what the load of its node makes
    uncopied             names of machines that the protection policies copy no more
    damaged              names of machines whose copies cannot be restored
    stillborn            names of machines whose restored copy never starts its system
    boot_seconds         how long the system of a restored machine takes to show an address
    same_cluster_plan    the fate of a recovery plan whose machines come back on their own cluster
    list_etags           whether each item of a list has its ETag
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {
        "unknown_reference": ("task", "status"),
        "power_on_when_on": ("task", "status"),
        "read_only_in_body": ("ignore", "reject"),
        "categories_by_put": ("replace", "ignore"),
        "reused_id": ("replay", "refuse", "refuse_other"),
        "same_cluster_plan": ("accept", "refuse"),
    }
    versions: dict[str, str] = field(
        default_factory=lambda: {
            "vmm": "v4.2", "networking": "v4.3", "prism": "v4.2", "clustermgmt": "v4.3", "dataprotection": "v4.2",
            "datapolicies": "v4.2", "iam": "v4.0", "monitoring": "v4.3",
        }
    )  # fmt: skip
    rate_limit: int | None = 20
    over_rate: int = 429
    session_seconds: float = 900.0
    lockout: int | None = 5
    task_seconds: float = 0.3
    read_lag: int = 0
    etag_late: bool = False
    shutdown_seconds: float = 20.0
    deaf: list[str] = field(default_factory=list)
    unknown_reference: Literal["task", "status"] = "task"
    power_on_when_on: Literal["task", "status"] = "task"
    read_only_in_body: Literal["ignore", "reject"] = "ignore"
    categories_by_put: Literal["replace", "ignore"] = "replace"
    reused_id: Literal["replay", "refuse", "refuse_other"] = "replay"
    forbidden: list[str] = field(default_factory=list)
    power_readings: bool = True
    waits: dict[str, dict[str, int]] = field(default_factory=dict)
    uncopied: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    stillborn: list[str] = field(default_factory=list)
    boot_seconds: float = 1.0
    same_cluster_plan: Literal["accept", "refuse"] = "refuse"
    list_etags: bool = True

    def refusals(self, values: Mapping[str, Any]) -> list[str]:
        return [
            f"{name} : choisir parmi {', '.join(NAMESPACES)}"
            for name in ("versions", "forbidden")
            if set(values.get(name) or ()) - set(NAMESPACES)
        ]
