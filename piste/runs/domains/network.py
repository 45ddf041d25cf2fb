"""The network of a site: the Meraki Dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from piste.engine.converge.errors import Missing, PisteError
from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.request import Request
from piste.engine.converge.resource import Field
from piste.engine.converge.run import Params
from piste.engine.kind import Kind
from piste.runs.domains.domain import Domain, Task, saved
from piste.runs.domains.everything import Everything
from piste.runs.domains.outcome import Outcome
from piste.systems.meraki.connection import MERAKI
from piste.systems.meraki.dashboard import Dashboard
from piste.town.derived import derived, far_ports, owners


class Withheld(PisteError):
    """The ground of ports and SSIDs is not ready: they were left as they are."""

    code = "PISTE-E050"


PORTS, PORT = "switch_ports", "switch_port"


class Network(Domain):
    name = "network"
    reached: Mapping[str, str] = {"dashboard": "piste_meraki"}
    system = MERAKI
    options = (
        Field("network", "Name of the network, where it is not the declared one."),
        Field(
            "formerly",
            "Names under which the network was made by hand; where it still bears one of them it is renamed.",
            type="list",
            default=[],
        ),
        Field("others", "Names of other sites' networks, which are never taken for it.", type="list", default=[]),
        Field(
            "traced",
            "Whether a network that lost its name is recognised by its devices, to be given it back.",
            type="bool",
            default=True,
        ),
        Field(
            "together",
            "Sites of the run. The ports of the sites that are not among them, which let the VLANs of the site pass, "
            "converge with it, or with the first site of the run that they carry; none where not given.",
            type="list",
        ),
        Field("environment", "Name of the environment, whose findings stop the waves of an upgrade."),
        Field("ports_withheld", "Why ports and SSIDs must be left as they are; nothing keeps from it where empty."),
    )
    variables: Mapping[str, str] = {"environment": "piste_environment"}
    steps = ("management", "release")

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        return {"ssids": intent["retired_ssids"]}

    def of_step(self, step: str, intent: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
        return {"devices": intent["management"] if step == "management" else []}

    def prepare(self, task: Task) -> None:
        name = task.options.get("network") or task.intent.get("name", "")
        task.options |= {"network": name, "replaced": task.intent.get("replaced") if task.by_rule else None}
        # Not `taken`: a drift would take them of the intent of the town, which has no network.
        lists = ("list_lengths", "withdrawn") if task.by_rule else ("list_lengths",)
        task.options = {part: task.intent[part] for part in lists if part in task.intent} | task.options
        if task.by_rule and task.params.get("environment") and task.config.get("firmware"):
            # Imported here: few sites have an upgrade.
            from piste.runs.domains.pilots import Pilots

            task.of_kind["firmware"] = {"health": Pilots(task.params["environment"])}
        if task.params.get("step") == "release":
            task.absent["devices"] = [pair["serial"] for pair in task.intent["replaced"]]
        if task.state == "deleted" and (site := task.params.get("site")):
            task.options["carried"] = _carried(site)
        if task.by_rule and "networks" in task.config:
            ways = {"formerly": task.options["formerly"], "others": task.options["others"]}
            ways |= {} if task.options["traced"] else {"devices": []}
            task.config["networks"] = [{**item, **ways} for item in task.config["networks"]]
        if task.state == "gathered":
            task.config["networks"] = [{"name": name}]

    def asked(self, params: Params) -> list[Task]:
        """Add a task for each other site whose ports are concerned: they lie in its network."""
        tasks = super().asked(params)
        if params.get("undo"):
            return [part for task in tasks for part in self._by_holder(task)]
        together = params.get("together")
        if together is None or not tasks[0].by_rule or params.get("step"):
            return tasks
        return [*tasks, *self._far(tasks[0], sorted(together))]

    def _far(self, task: Task, together: Sequence[str]) -> Iterator[Task]:
        """Give the tasks of the ports of other sites; a saved plan limits them to its own."""
        # Imported here: a site without far ports needs none of it.
        from piste.systems.meraki.intent import far_port

        site, plan = task.params["site"], saved(task.params)
        earlier = [name for name in together[: together.index(site)] if site in together]
        known = far_ports(earlier)
        planned = None if plan is None else {str(o["key"]) for o in plan.operations if o["owner"] == site}
        parts: dict[str, list[dict[str, Any]]] = {}
        for port in task.intent["far_ports"]:
            mine = port["site"] not in together and _key(port) not in known
            if mine and (planned is None or _key(port) in planned):
                parts.setdefault(port["site"], []).append(far_port(port))
        for holder, config in parts.items():
            yield self._task_at(task, holder, config)

    def _by_holder(self, task: Task) -> Iterator[Task]:
        """Take the ports of other sites out of what an undo asks."""
        site, config = str(task.params["site"]), list(task.config.get(PORTS) or ())
        places = {device["serial"]: name for name, owner in owners().items() for device in owner.get("devices", ())}
        holders: dict[str, str] = {item["serial"]: places.get(item["serial"], site) for item in config}
        if PORTS in task.config:
            task.config[PORTS] = [item for item in config if holders[item["serial"]] == site]
        yield task
        for holder in sorted({*holders.values()} - {site}):
            yield self._task_at(task, holder, [item for item in config if holders[item["serial"]] == holder])

    def _task_at(self, task: Task, holder: str, config: Sequence[Any]) -> Task:
        """Make the task of some ports of another site, in its network."""
        options = {"network": derived(holder)["network_name"], "replaced": None}
        names = {PORTS: {"holder": holder}}
        return Task(
            task.params, task.state, task.intent, config={PORTS: config}, options=options, of_kind=names,
            touched={PORT}, holder=holder,
        )  # fmt: skip

    def walk(self, connection: Dashboard, task: Task, request: Request, outcome: Outcome) -> None:
        """Leave the ports of another site alone as long as their switch is not in its network."""
        if not task.holder:
            super().walk(connection, task, request, outcome)
            return
        mine = replace(request, as_found=derived(task.holder)["as_found"])
        try:
            super().walk(connection, task, mine, outcome)
        except Missing:
            ports = ", ".join(f"{item['serial']}/{item['port_id']}" for item in task.config[PORTS])
            waits = f"attend le réseau de {task.holder}, qui les porte ; leurs VLAN ne sont pas comparés"
            outcome.result["withheld"].append(f"{PORT} {ports} : {waits}")

    def concerns(self, kind: Kind, task: Task) -> bool:
        """A survey also looks for what a site does not declare."""
        return super().concerns(kind, task) or bool(task.params.get("survey"))

    def container_gone(self, connection: Dashboard, task: Task) -> bool:
        """True where the network must lose its name and has: it was given back with its contents."""
        name, asked = task.options["network"], task.config.get("networks")
        stays = asked is None or name in {network["name"] for network in asked}
        return not stays and name not in {network["name"] for network in connection.networks()}

    def undeclared(self, connection: Dashboard, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.meraki.orphans import undeclared

        sites = [owner for owner in everything.owners.values() if "network_name" in owner]
        names = [site["network_name"] for site in sites]
        devices = [device["serial"] for site in sites for device in site["devices"]]
        others = [*params["others"], *params["formerly"]]
        return undeclared(connection, {"networks": [*names, *others], "devices": devices})

    def refuse(self, kind: Kind, task: Task) -> None:
        why = task.options.get("ports_withheld")
        if why and kind.name in ("switch_ports", "ssids"):
            raise Withheld(why, where=task.options["network"], todo="Levez la cause dite plus haut, puis relancez.")


def _key(port: Mapping[str, Any]) -> str:
    return f"{port['serial']}/{port['port']}"


def _carried(site: str) -> dict[str, list[str]]:
    """Name the other owners whose gateways are on the core of a site, by what carries them."""
    everyone = owners()
    core = everyone[site].get("core")
    if core is None or core["site"] != site:
        return {}
    through = [
        name
        for name, owner in everyone.items()
        if name != site
        and owner["lifecycle"] in ("open", "closing")
        and any(gateway["carrier"] == "core" for gateway in owner.get("gateways", ()))
    ]
    carriers = [core["network"], *([core["stack"]] if core["stack"] else core["serials"])]
    return dict.fromkeys(carriers, through) if through else {}


MODULES: Mapping[str, Module] = Network().modules()
