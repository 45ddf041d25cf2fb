"""The servers that a task keeps identical, and the directory of their policies' groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.run import System
from piste.engine.converge.secrets import Vault
from piste.engine.converge.values import stable
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import Domain
from piste.systems.windows.nps.server import Server, opened
from piste.systems.windows.nps.tables import SERVERS
from piste.systems.windows.winrm_access import WINRM


class Pair:
    """The servers of a task, in the order of their writes."""

    def __init__(self, params: Mapping[str, Any], vault: Vault) -> None:
        self.servers = servers_of(params, vault)
        self._domain = params.get("domain")

    @cached_property
    def directory(self) -> Directory:
        return Directory(Domain.of(self._domain or {}))

    @property
    def calls(self) -> dict[str, int]:
        counts = [server.host.calls for server in self.servers]
        if "directory" in self.__dict__:
            counts.append(self.directory.calls)
        return {name: sum(count[name] for count in counts) for name in ("reads", "writes")}

    def close(self) -> None:
        for server in self.servers:
            server.close()
        if "directory" in self.__dict__:
            self.directory.close()


def servers_of(params: Mapping[str, Any], vault: Vault) -> list[Server]:
    """Return the servers of a task, in order.

    Raises `InvalidConfig` for no server, or a repeated name.
    """
    names = [str(name) for name in params["servers"]]
    folded = [name.casefold() for name in names]
    faults = [] if names else [Fault("servers", "au moins un serveur est attendu")]
    faults += [
        Fault("servers", f"« {name} » est nommé deux fois")
        for at, name in enumerate(names)
        if name.casefold() in folded[:at]
    ]
    faults += [Fault("servers", f"« {name} » n’est pas le nom d’un serveur") for name in names if "/" in name]
    if faults:
        raise InvalidConfig(faults)
    return opened(params["winrm"], names, vault)


def merge_alike(items: Sequence[Mapping[str, Any]], servers: Sequence[str]) -> list[dict[str, Any]]:
    """Merge the items that all the servers have into a single item without a server."""
    without_server = [{name: value for name, value in item.items() if name != "server"} for item in items]
    count = Counter(map(stable, without_server))
    result: dict[str, dict[str, Any]] = {}
    for item, bare in zip(items, without_server, strict=True):
        text = stable(bare)
        shared = count[text] == len(servers)
        result[text if shared else f"{text} {item['server']}"] = dict(bare if shared else item)
    return list(result.values())


NPS = System((WINRM, SERVERS), Pair)
