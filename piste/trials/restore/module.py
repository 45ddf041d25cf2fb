"""The module that runs restore tests: in a run, so that the journal knows of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from piste.engine.converge.module import Module
from piste.engine.converge.resource import Field
from piste.engine.finding import Finding
from piste.readings.protection import kept
from piste.readings.protection.copies import Copy
from piste.systems.forcepoint.connection import SMC
from piste.systems.nutanix.connection import PRISM
from piste.systems.restic.client import RESTIC
from piste.systems.windows.domain import DOMAIN
from piste.systems.windows.gpo.options import OPTIONS
from piste.systems.windows.winrm_access import WINRM
from piste.town.model.restores import RestoreTest
from piste.town.model.wording import choose
from piste.trials.restore.procedure import written
from piste.trials.restore.results import OUTCOMES
from piste.trials.restore.run import Given, check, clean, run

SYSTEMS = {"domain": "piste_ad", "prism": "piste_prism", "winrm": "piste_winrm", "smc": "piste_smc",
           "restic": "piste_restic", "own": "piste_restoring",
           "admx": "piste_admx"}  # fmt: skip
"""The option of each system, and the variable of the environment that gives it."""


def _run(params: Mapping[str, Any], checking: bool) -> dict[str, Any]:
    given = Given(
        params["environment"],
        options={name: params[name] for name in (*SYSTEMS, "hosting") if params[name]},
        secrets=params["secrets"] or {},
        copies=_by_set(params["environment"]),
        report=written(Path(params["report"])) if params["report"] else None,
    )
    if params["state"] == "absent":
        cleared = [] if checking else clean(given)
        findings = [Finding("restore.cleared", "ok", what).to_json() for what in cleared]
        return {"changed": bool(cleared), "findings": findings}
    test = _named(params["tests"], params["name"])
    if checking:
        isolation = check(test, given)
        copied = isolation.copy
        named = f"la copie {copied['id'][:12]} ({copied['store']}) du {copied['taken_at']}" if copied else test["label"]
        finding = Finding(f"restore.{test['name']}", "ok", f"{named} reviendrait dans {isolation.how}")
        return {"changed": True, "isolation": isolation.how, "copied": copied, "findings": [finding.to_json()]}
    result, place = run(test, given)
    said = {"id": result.id, "outcome": result.outcome, "reason": result.reason, "rehearsal": result.rehearsal}
    return {"changed": True, "folder": str(place), **said, "summary": [f"{test['name']} : {OUTCOMES[result.outcome]}"]}


def _by_set(environment: str) -> dict[str, list[Copy]]:
    by_set: dict[str, list[Copy]] = {}
    for reading in kept.last(environment).values():
        for copy in reading["copies"]:
            by_set.setdefault(copy["set"], []).append(copy)
    return by_set


def _named(tests: Sequence[RestoreTest], name: str | None) -> RestoreTest:
    return choose(name or "", {test["name"]: test for test in tests}, "n’est pas un essai de restauration déclaré")


MODULES: Mapping[str, Module] = {
    "piste_restore_tests": Module(
        name="piste_restore_tests",
        options=(
            Field("environment", "Environment of the systems, C(production).", required=True),
            Field("name", "Name of the test."),
            Field("tests", "Tests of the town, as C(piste_site) derives them.", type="list", elements="dict",
                  default=[]),
            Field("state", "C(present) runs the test; C(absent) only removes what killed tests have left.",
                  choices=("present", "absent"), default="present"),
            Field("report", "File of the report of a person who followed a procedure: no text of it reaches Ansible.",
                  type="path"),
            Field("secrets", "Values of the secret references, by path.", type="dict", no_log=True, default={}),
            *(replace(field, required=False) for field in (DOMAIN, PRISM, WINRM, SMC)),
            RESTIC,
            *(field for field in OPTIONS if field.name == "admx"),
            Field("hosting", "Hosting of the town, as C(piste_site) derives it: its cluster, its isolated networks.",
                  type="dict"),
            Field(
                "own", "What restores need and no other task has.", type="dict", default={},
                of=(
                    Field("directory_backups", "Folder of the backups of a Samba directory.", type="path"),
                    Field("username", "Account that may delete and restore the test object of the directory."),
                    Field("password", "Its password, secret.", no_log=True),
                    Field("export", "Folder of an export, in the place of the kept configurations.", type="path"),
                    Field("nps", "Spare NPS server, whose content may be replaced."),
                    Field(
                        "machine", "What tries a machine that came back.", type="dict",
                        of=(
                            Field("witness", "Witness on the isolated network."),
                            Field("patience", "Longest wait, in seconds.", type="float"),
                        ),
                    ),
                    Field(
                        "bag", "Bag that the repository comes back from.", type="dict",
                        of=(
                            Field("folder", "Folder of the bag.", type="path"),
                            Field("public_key", "Public key of its signature.", type="path"),
                        ),
                    ),
                ),
            ),
        ),
        run=_run,
        writes=True,
        variables={**SYSTEMS, "secrets": "piste_secrets"},
    )
}  # fmt: skip
