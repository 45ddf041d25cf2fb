"""Names: the DNS zones and records that the directory keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from piste.engine.converge.module import Module
from piste.engine.converge.orphan import Orphan
from piste.engine.converge.run import Params
from piste.runs.domains.domain import Domain, Task
from piste.runs.domains.everything import Everything
from piste.systems.windows.connection import ACTIVE_DIRECTORY, Connection

_REVERSE = ".in-addr.arpa"


class NamesDomain(Domain):
    name = "names"
    reached: Mapping[str, str] = {"domain": "piste_ad"}
    system = ACTIVE_DIRECTORY

    def prepare(self, task: Task) -> None:
        """Limit what is read of an owner to its own: zones have the names of all."""
        if task.state == "gathered" and task.intent:
            for kind in self.kinds:
                keys = kind.table.key
                task.config[kind.name] = [{name: item[name] for name in keys} for item in task.intent[kind.part]]

    def undeclared(self, connection: Connection, everything: Everything, params: Params) -> Iterable[Orphan]:
        # Imported here: only the end of a drift needs it.
        from piste.systems.windows.dns.orphans import undeclared

        return undeclared(
            connection,
            {
                "zones": everything.keys("zones", "name"),
                "records": everything.keys("records", "zone", "name", "type"),
                "pointed": list(pointed(everything)),
            },
        )


def pointed(everything: Everything) -> Iterator[str]:
    """List the names to which the declared reverse names point, `zone/name/A address`."""
    zones = [str(zone["name"]) for zone in everything.items("zones")]
    for item in everything.items("records"):
        digits = f"{item['name']}.{item['zone']}".removesuffix(_REVERSE)
        address = ".".join(reversed(digits.split(".")))
        for name in item["values"] if item["type"] == "PTR" else ():
            for zone in zones:
                if name.endswith(f".{zone}."):
                    yield f"{zone}/{name.removesuffix(f'.{zone}.')}/A {address}"


MODULES: Mapping[str, Module] = NamesDomain().modules()
