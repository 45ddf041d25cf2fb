"""Power hours: machines out of production go down when nobody needs them, and are up before the hour.

The guest is asked first, by its tools or by ACPI; no power is ever cut by the hours. The time is that of Prism Central:
stations that run the timer may differ, the machines are put down and brought back by one clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from piste.converge.errors import Missing, PisteError
from piste.converge.locks import exclusive
from piste.converge.module import Module
from piste.converge.plan import Operation, Plan
from piste.converge.progress import Progress, foresee
from piste.converge.reading import reading, text
from piste.converge.resource import Field
from piste.converge.secrets import Vault
from piste.model import hours
from piste.model.site_hosting import ASKED, ASLEEP
from piste.nutanix import power, vm_categories
from piste.nutanix.apart import APART, Apart
from piste.nutanix.asleep import MARKS, Live, Sleeper, figure, in_words, sleepers
from piste.nutanix.connection import CLUSTER, PRISM, PRISM_CENTRAL
from piste.nutanix.names import Names, clusters_of
from piste.nutanix.prism import VMS, Prism
from piste.nutanix.tasks import Script, play
from piste.nutanix.vm_table import RESOURCE

_AFTER = {"sleep": "stopped", "wake": "running", "bring_back": "running"}
"""What an action makes of the power of a machine; the others only note."""


class _Hours:
    """One run: what there is, what is to be done, what came of it."""

    def __init__(self, prism: Prism, params: Mapping[str, Any]) -> None:
        self.prism, self.params = prism, params
        self.told: Mapping[str, Any] = params["hours"]
        self.names = Names(prism, params["cluster"])
        self.grace = float(params["grace"])
        self.refused: dict[str, str] = {}
        """Machines whose guest would not go down, and what was said of it."""
        self.failed: dict[str, PisteError] = {}
        self.live = self._live()
        zone = ZoneInfo(self.told["timezone"])
        self.moment = datetime.fromtimestamp(prism.now(), zone).replace(tzinfo=None)
        lead = timedelta(minutes=params["lead_minutes"])
        self.found = list(sleepers(self.told, self.live, self.moment, lead, params["mode"]))
        self.steps = {one.name: one for one in self.found if one.action and params["mode"] != "report"}

    def _live(self) -> Live:
        """What there is now; the list of machines is always read: its answer also tells the time."""
        cluster, apart = self.names.cluster_id, Apart.of(self.params.get("apart"))
        machines = [one for one in self.prism.all(VMS, fresh=True) if cluster in clusters_of(one)]
        categories = self.names["category"]
        reasons = {text(one["extId"]): apart.why(one, lambda: categories) for one in machines}
        return Live(machines, categories, {ext_id: why for ext_id, why in reasons.items() if why})

    def operations(self) -> list[Operation]:
        """A change of power is an operation, that a run can be taken back by; a note is not."""
        return [self._operation(one) for one in self.steps.values() if one.action in _AFTER]

    def _operation(self, one: Sleeper) -> Operation:
        sides = ("running", "stopped") if _AFTER.get(one.action) == "stopped" else ("stopped", "running")
        before, after = ({"name": one.name, "power": side} for side in sides)
        return Operation(RESOURCE.system, self.params["owner"], RESOURCE.name, one.name, "update", before, after)

    def apply(self) -> list[Operation]:
        """Do all of it side by side; one machine that fails does not keep the others from their hours."""
        if not self.steps:
            return []
        for mark in MARKS:
            self._mark_id(mark)
        planned = Plan(tuple(self.operations()))
        foresee(planned, [])
        progress = Progress(planned, lambda operation: None)
        play(self.prism, [self._operation(one) for one in self.steps.values()], self._script, progress)
        done = {name for name in self.steps if name not in self.refused and name not in self.failed}
        return [operation for operation in planned.operations if operation.key in done]

    def _script(self, operation: Operation) -> Script:
        one = self.steps[operation.key]
        try:
            yield from self._do(one)
        except power.StillRunning as error:
            self.refused[one.name] = error.what
        except PisteError as error:
            self.failed[one.name] = error

    def _do(self, one: Sleeper) -> Script:
        if one.action == "sleep":
            yield from self._mark(one, ASKED)
            yield from power.shut_down(self.prism, one.ext_id, self.grace)
            yield from self._mark(one, ASLEEP)
        elif one.action in ("settle", "hold"):
            yield from self._mark(one, ASLEEP)
        elif one.action == "wake":
            yield from power.start(self.prism, one.ext_id)
            yield from self._mark(one, "")
        elif one.action == "bring_back":
            # Noted first: turned on without it, the machine would be asked to stop again.
            yield from self._mark(one, ASLEEP)
            yield from power.start(self.prism, one.ext_id)
        else:
            yield from self._mark(one, "")

    def _mark(self, one: Sleeper, mark: str) -> Script:
        """Leave a machine with one mark, or none."""
        marks = {self._mark_id(known) for known in MARKS}
        wanted = {self._mark_id(mark)} if mark else set()
        yield from vm_categories.rearrange(
            self.prism, one.ext_id, lambda machine: vm_categories.held(machine) - marks | wanted
        )

    def _mark_id(self, mark: str) -> str:
        ext_id = self.names.id_of("category", MARKS[mark])
        if not ext_id:
            raise Missing(
                f"la catégorie {MARKS[mark]} n'existe pas : rien n'a été arrêté ni rallumé",
                where=self.prism.host,
                todo="Appliquez d'abord l'hébergement (playbooks/domains/hosting.yml), qui la crée.",
            )
        return ext_id

    def result(self, done: list[Operation], check: bool) -> dict[str, Any]:
        machines = {one["name"]: one for one in self.told["machines"]}
        source = f"Prism Central {self.prism.host}, grappe {self.params['cluster']}"
        date = self.moment.isoformat(timespec="minutes")
        awake = self.refused | self._left_running()
        told = figure(self.found, self.live, machines, awake, source, date)
        shown = [one.to_json() for one in self.found if not one.out]
        for one in shown:
            if one["name"] in awake:
                one |= {"why": awake[one["name"]], "until": None}
        return {
            "changed": bool(self.steps if check else self.steps.keys() - self.refused.keys()),
            "operations": [operation.to_json() for operation in done],
            "machines": shown,
            "refused": sorted(self.refused),
            "report": [*map(_line, shown), *in_words(told)],
            "figure": told,
            "warnings": [*self._outdated(), *(f"{name} : {why}" for name, why in sorted(self.refused.items()))],
        }

    def _left_running(self) -> dict[str, str]:
        """Machines that should sleep and do not, where nothing is done about it: their hours are not followed."""
        running = [one.name for one in self.found if one.action == "sleep" and self.params["mode"] == "report"]
        return dict.fromkeys(running, "en marche hors de ses heures")

    def _outdated(self) -> list[str]:
        schedules, calendar = self.told["schedules"], self.told["calendar"]
        return [
            f"Le calendrier ne dit plus rien de ce jour : l'horaire « {name} » le tient pour ordinaire. Complétez "
            "group_vars/all/calendar.yml."
            for name, own in sorted(schedules.items())
            if hours.outdated(own, calendar, self.moment)
        ]


def _line(shown: Mapping[str, Any]) -> str:
    until = f", jusqu'au {shown['until'].replace('T', ' à ')}" if shown["until"] else ""
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
    """The first failure, with the names of all the machines that failed and what was done of the others."""
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
            APART,
            Field("owner", "Who owns the machines.", default=""),
            Field(
                "hours",
                "Schedules, calendar and machines, as the filter C(prism_intent) gives them from the declaration.",
                type="dict",
                required=True,
            ),
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
    )
}
