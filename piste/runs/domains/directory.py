"""The directory: Active Directory, its units, groups and group policies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.runs.domains.domain import Domain, Task, optional
from piste.runs.domains.everything import Everything
from piste.systems.windows.ad_dhcp_servers import AUTHORISATION
from piste.systems.windows.connection import ACTIVE_DIRECTORY, Connection
from piste.systems.windows.driver import OWNED
from piste.systems.windows.gpo.options import OPTIONS


class DirectoryDomain(Domain):
    name = "directory"
    reached: Mapping[str, str] = {"domain": "piste_ad"}
    variables: Mapping[str, str] = {"admx": "piste_admx", "signed": "piste_signed"}
    system = ACTIVE_DIRECTORY
    options = (*optional(*OWNED), *(entry for entry in OPTIONS if entry.name != "prefix"))
    taken = ("base", "apart")
    steps = (AUTHORISATION,)

    def prepare(self, task: Task) -> None:
        """Let the step also end the authorisation of the retired servers."""
        if task.by_rule and task.params.get("step") == AUTHORISATION:
            task.absent = {"dhcp_servers": task.intent["retired_dhcp_servers"]}

    def admits(self, task: Task, owners: Collection[str]) -> bool:
        """The groups of a site admit its computers, and its links configure them."""
        return task.params["site"] in owners

    def undeclared(self, connection: Connection, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.windows.orphans import undeclared

        return undeclared(
            connection,
            {
                "base": params["base"],
                "units": everything.keys("organizational_units", "path"),
                "groups": everything.keys("groups", "name"),
                "wmi_filters": everything.keys("wmi_filters", "name"),
                "gpos": everything.keys("gpos", "name"),
                "links": everything.items("gpo_links"),
                "kept_links": everything.kept("gpo_links"),
                "sites": everything.keys("sites", "name"),
                "subnets": everything.keys("subnets", "subnet"),
                "dhcp_servers": everything.keys("dhcp_servers", "name"),
            },
        )


MODULES: Mapping[str, Module] = DirectoryDomain().modules()
