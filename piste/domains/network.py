"""The network of a site: the Meraki Dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.module import Module
from piste.converge.orphan import Orphan
from piste.converge.resource import Field
from piste.converge.run import Params
from piste.derived import owners
from piste.domains.domain import Domain, Task
from piste.domains.everything import Everything
from piste.kind import Kind
from piste.meraki.connection import MERAKI
from piste.meraki.dashboard import Dashboard


class Withheld(PisteError):
    """The ground of ports and SSIDs is not ready: they were left as they are."""

    code = "PISTE-E050"


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
        Field("ports_withheld", "Why ports and SSIDs must be left as they are; nothing keeps from it where empty."),
    )
    steps = ("management", "release")

    def absent(self, intent: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
        return {"ssids": intent["retired_ssids"]}

    def of_step(self, step: str, intent: Mapping[str, Any]) -> dict[str, Sequence[Any]]:
        return {"devices": intent["management"] if step == "management" else []}

    def prepare(self, task: Task) -> None:
        name = task.options.get("network") or task.intent.get("name", "")
        task.options |= {"network": name, "replaced": task.intent.get("replaced") if task.by_rule else None}
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
        from piste.meraki.orphans import undeclared

        sites = [owner for owner in everything.owners.values() if "network_name" in owner]
        names = [site["network_name"] for site in sites]
        devices = [device["serial"] for site in sites for device in site["devices"]]
        others = [*params["others"], *params["formerly"]]
        return undeclared(connection, {"networks": [*names, *others], "devices": devices})

    def refuse(self, kind: Kind, task: Task) -> None:
        why = task.options.get("ports_withheld")
        if why and kind.name in ("switch_ports", "ssids"):
            raise Withheld(why, where=task.options["network"], todo="Levez la cause dite plus haut, puis relancez.")


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
