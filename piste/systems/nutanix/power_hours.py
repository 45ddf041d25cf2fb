"""Power hours: machines out of production sleep when nobody needs them, and wake in time.

The guest is asked first, by its tools or by ACPI; the hours never cut the power. The time is that of Prism Central:
the clocks of the stations that run the timer may differ, machines follow a single clock.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from piste.engine.converge.errors import Missing, PisteError
from piste.engine.converge.locks import exclusive
from piste.engine.converge.module import Module
from piste.engine.converge.plan import Operation, Plan
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import reading, text
from piste.engine.converge.resource import Field
from piste.engine.converge.secrets import Vault
from piste.engine.converge.task_log import TaskLog
from piste.systems.nutanix import power, vm_categories
from piste.systems.nutanix.connection import CLUSTER, HOURS, PRISM, PRISM_CENTRAL
from piste.systems.nutanix.foreign import FOREIGN, Foreign
from piste.systems.nutanix.names import Names, clusters_of
from piste.systems.nutanix.prism import VMS, Prism
from piste.systems.nutanix.sleepers import MARKS, Live, Sleeper, figure, in_words, sleepers
from piste.systems.nutanix.tasks import Script, play
from piste.systems.nutanix.vm_table import RESOURCE
from piste.town.model import hours
from piste.town.model.hosting.derived import ASKED, ASLEEP

_AFTER = {"sleep": "stopped", "wake": "running", "bring_back": "running"}
"""Power of a machine after each action; the other actions only leave a mark."""


class _Hours:
    """One run of the hours: live state, actions, results."""

    def __init__(self, prism: Prism, params: Mapping[str, Any]) -> None:
        self.prism, self.params = prism, params
        self.declared: Mapping[str, Any] = params["hours"]
        self.names = Names(prism, params["cluster"])
        self.grace = float(params["grace"])
        self.refused: dict[str, str] = {}
        """Machines whose guest did not shut down, with the reason."""
        self.failed: dict[str, PisteError] = {}
        self.live = self._live()
        zone = ZoneInfo(self.declared["timezone"])
        self.moment = datetime.fromtimestamp(prism.now(), zone).replace(tzinfo=None)
        lead = timedelta(minutes=params["lead_minutes"])
        self.sleepers = list(sleepers(self.declared, self.live, self.moment, lead, params["mode"]))
        active = [sleeper for sleeper in self.sleepers if sleeper.action and params["mode"] != "report"]
        self.steps = {sleeper.name: sleeper for sleeper in active}

    def _live(self) -> Live:
        """Read the live state; the list of machines is always read, since its answer gives the time."""
        cluster, foreign = self.names.cluster_id, Foreign.of(self.params.get("apart"))
        machines = [machine for machine in self.prism.all(VMS, fresh=True) if cluster in clusters_of(machine)]
        categories = self.names["category"]
        reasons = {text(machine["extId"]): foreign.why(machine, lambda: categories) for machine in machines}
        return Live(machines, categories, {ext_id: why for ext_id, why in reasons.items() if why})

    def operations(self) -> list[Operation]:
        """Operations of the run: changes of power, which can be undone; a mark is none."""
        return [self._operation(sleeper) for sleeper in self.steps.values() if sleeper.action in _AFTER]

    def _operation(self, sleeper: Sleeper) -> Operation:
        sides = ("running", "stopped") if _AFTER.get(sleeper.action) == "stopped" else ("stopped", "running")
        before, after = ({"name": sleeper.name, "power": side} for side in sides)
        return Operation(RESOURCE.system, self.params["owner"], RESOURCE.name, sleeper.name, "update", before, after)

    def apply(self) -> list[Operation]:
        """Do all actions side by side; the failure of a machine does not stop the others."""
        if not self.steps:
            return []
        for mark in MARKS:
            self._mark_id(mark)
        planned = Plan(tuple(self.operations()))
        TaskLog.of(os.environ).foresee(planned, [])
        progress = Progress(planned, lambda operation: None)
        play(self.prism, [self._operation(sleeper) for sleeper in self.steps.values()], self._script, progress)
        done = {name for name in self.steps if name not in self.refused and name not in self.failed}
        return [operation for operation in planned.operations if operation.key in done]

    def _script(self, operation: Operation) -> Script:
        sleeper = self.steps[operation.key]
        try:
            yield from self._do(sleeper)
        except power.StillRunning as error:
            self.refused[sleeper.name] = error.what
        except PisteError as error:
            self.failed[sleeper.name] = error

    def _do(self, sleeper: Sleeper) -> Script:
        if sleeper.action == "sleep":
            yield from self._mark(sleeper, ASKED)
            yield from power.shut_down(self.prism, sleeper.ext_id, self.grace)
            yield from self._mark(sleeper, ASLEEP)
        elif sleeper.action in ("settle", "hold"):
            yield from self._mark(sleeper, ASLEEP)
        elif sleeper.action == "wake":
            yield from power.start(self.prism, sleeper.ext_id)
            yield from self._mark(sleeper, "")
        elif sleeper.action == "bring_back":
            # Marked first: without the mark, a running machine would be asked to stop again.
            yield from self._mark(sleeper, ASLEEP)
            yield from power.start(self.prism, sleeper.ext_id)
        else:
            yield from self._mark(sleeper, "")

    def _mark(self, sleeper: Sleeper, mark: str) -> Script:
        """Leave a machine with a single mark, or none."""
        marks = {self._mark_id(known) for known in MARKS}
        desired = {self._mark_id(mark)} if mark else set()
        yield from vm_categories.rearrange(
            self.prism, sleeper.ext_id, lambda machine: vm_categories.ids(machine) - marks | desired
        )

    def _mark_id(self, mark: str) -> str:
        ext_id = self.names.id_of("category", MARKS[mark])
        if not ext_id:
            raise Missing(
                f"la catégorie {MARKS[mark]} n’existe pas : rien n’a été arrêté ni rallumé",
                where=self.prism.host,
                todo="Appliquez d’abord l’hébergement (playbooks/domains/hosting.yml), qui la crée.",
            )
        return ext_id

    def result(self, done: list[Operation], check: bool) -> dict[str, Any]:
        machines = {machine["name"]: machine for machine in self.declared["machines"]}
        source = f"Prism Central {self.prism.host}, grappe {self.params['cluster']}"
        date = self.moment.isoformat(timespec="minutes")
        awake = self.refused | self._left_running()
        measure = figure(self.sleepers, self.live, machines, awake, source, date)
        shown = [sleeper.to_json() for sleeper in self.sleepers if not sleeper.out]
        for line in shown:
            if line["name"] in awake:
                line |= {"why": awake[line["name"]], "until": None}
        return {
            "changed": bool(self.steps if check else self.steps.keys() - self.refused.keys()),
            "operations": [operation.to_json() for operation in done],
            "machines": shown,
            "refused": sorted(self.refused),
            "report": [*map(_line, shown), *in_words(measure)],
            "figure": measure,
            "warnings": [*self._outdated(), *(f"{name} : {why}" for name, why in sorted(self.refused.items()))],
        }

    def _left_running(self) -> dict[str, str]:
        """Machines that should sleep and run, in a report, which changes nothing."""
        if self.params["mode"] != "report":
            return {}
        running = [sleeper.name for sleeper in self.sleepers if sleeper.action == "sleep"]
        return dict.fromkeys(running, "en marche hors de ses heures")

    def _outdated(self) -> list[str]:
        schedules, calendar = self.declared["schedules"], self.declared["calendar"]
        return [
            f"Le calendrier ne dit plus rien de ce jour : l’horaire « {name} » le tient pour ordinaire. Complétez "
            "group_vars/all/calendar.yml."
            for name, own in sorted(schedules.items())
            if hours.outdated(own, calendar, self.moment)
        ]


def _line(shown: Mapping[str, Any]) -> str:
    until = f", jusqu’au {shown['until'].replace('T', ' à ')}" if shown["until"] else ""
    return f"{shown['name']} : {shown['why']}{until}"


@reading("prism")
def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    writes = not check and params["mode"] != "report"
    lock = exclusive(f"prism hours {params['prism']['base_url']}") if writes else nullcontext()
    with PRISM_CENTRAL.connected(params, Vault()) as prism, lock:
        run = _Hours(prism, params)
        done = run.apply() if writes else run.operations()
        if run.failed:
            raise _first(run.failed, done)
        result = run.result(done, check)
    return {**result, "calls": prism.calls}


def _first(failed: Mapping[str, PisteError], done: list[Operation]) -> PisteError:
    """First failure, with the names of all failed machines and the operations done."""
    error = next(iter(failed.values()))
    error.objects = tuple(failed)
    error.operations = tuple(operation.to_json() for operation in done)
    return error


MODULES: Mapping[str, Module] = {
    "prism_power_hours": Module(
        name="prism_power_hours",
        options=(
            PRISM,
            CLUSTER,
            FOREIGN,
            Field("owner", "Who owns the machines.", default=""),
            HOURS,
            Field(
                "mode",
                "C(follow) the hours; C(bring_back) what they put down, until they next wake it; or only C(report).",
                choices=("follow", "bring_back", "report"),
                default="follow",
            ),
            Field("lead_minutes", "How long before its hours a machine is started.", type="int", default=30),
            Field("grace", "Seconds that a guest is given to shut down.", type="float", default=power.GRACE),
        ),
        run=_run,
        writes=True,
        waits="nothing",
    )
}
