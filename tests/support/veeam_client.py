"""A client of Veeam at work on the lab, that we did not write.

It runs in an environment of its own (`.cache/veeam`), started by `tests.support.sdk`: `veeam-br` (Apache 2.0), made
from Veeam's OpenAPI documents, whose models check each field, type and choice of what the lab answers.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from veeam_br.v1_2_rev1.api.backups import get_all_backup_files, get_all_backups
from veeam_br.v1_2_rev1.api.jobs import disable_job, enable_job, get_all_jobs, get_all_jobs_states
from veeam_br.v1_2_rev1.api.login import create_token, logout
from veeam_br.v1_2_rev1.api.repositories import get_all_repositories, get_all_repositories_states
from veeam_br.v1_2_rev1.api.restore_points import get_all_object_restore_points
from veeam_br.v1_2_rev1.api.service import get_server_info
from veeam_br.v1_2_rev1.api.sessions import get_all_sessions
from veeam_br.v1_2_rev1.client import AuthenticatedClient, Client
from veeam_br.v1_2_rev1.models import ELoginGrantType, LinuxHardenedStorageModel, TokenLoginSpec


def _token(its: dict[str, Any], password: str, username: str = "") -> Any:
    given = username or its["username"]
    spec = TokenLoginSpec(grant_type=ELoginGrantType.PASSWORD, username=given, password=password)
    return create_token.sync(client=Client(base_url=its["http_url"]), body=spec)


def lists(its: dict[str, Any]) -> dict[str, Any]:
    """Read each list that Piste reads through the models, and give back the session."""
    client = AuthenticatedClient(base_url=its["http_url"], token=_token(its, its["password"]).access_token)
    repositories = get_all_repositories.sync(client=client).data
    backups = get_all_backups.sync(client=client).data
    points = get_all_object_restore_points.sync(client=client, skip=1, limit=3, name_filter=None)
    return {
        "server": get_server_info.sync(client=client).build_version,
        "repositories": [[item.name, item.type_.value, item.id.hex] for item in repositories],
        "hardened": [
            LinuxHardenedStorageModel.from_dict(item.to_dict()).repository.make_recent_backups_immutable_days
            for item in repositories
            if item.type_.value == "LinuxHardened"
        ],
        "states": [item.is_online for item in get_all_repositories_states.sync(client=client).data],
        "jobs": [[item.name, item.last_result.value] for item in get_all_jobs_states.sync(client=client).data],
        "backups": len(backups),
        "points": [points.pagination.total, points.pagination.count, points.pagination.skip],
        "session": get_all_sessions.sync(client=client, limit=1).data[0].result.result.value,
        "file": get_all_backup_files.sync(backups[0].id, client=client, limit=1).data[0].backup_size,
        "closed": logout.sync_detailed(client=client).status_code,
        "afterwards": type(get_all_backups.sync(client=client)).__name__,
    }


def disabled(its: dict[str, Any]) -> dict[str, Any]:
    """Disable the first job as the reader, then as the administrator; enable it again."""
    reader = AuthenticatedClient(base_url=its["http_url"], token=_token(its, its["password"]).access_token)
    token = _token(its, its["administrator_password"], its["administrator"]).access_token
    administrator = AuthenticatedClient(base_url=its["http_url"], token=token)
    job = get_all_jobs.sync(client=reader).data[0]

    def seen() -> list[Any]:
        states = get_all_jobs_states.sync(client=reader).data
        return [get_all_jobs.sync(client=reader).data[0].is_disabled, states[0].status.value]

    refused = disable_job.sync(job.id, client=reader).error_code.value
    before = seen()
    done = disable_job.sync_detailed(job.id, client=administrator).status_code
    off = seen()
    enable_job.sync(job.id, client=administrator)
    return {"name": job.name, "refused": refused, "before": before, "done": done, "off": off, "again": seen()}


def refusals(its: dict[str, Any]) -> list[str]:
    """Give the words of the refusals, which a model reads too."""
    stranger = AuthenticatedClient(base_url=its["http_url"], token="jeton-de-personne")
    return [
        _token(its, "faux").error_code.value,
        get_all_backups.sync(client=stranger).error_code.value,
    ]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as described:
        site = json.load(described)["veeam"]
    print(json.dumps(globals()[sys.argv[2]](site, *sys.argv[3:])))
