"""A Windows server: its services, its certificates, and the effects of our snippets."""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lxml import etree

from lab.clock import Clock
from lab.winrm import nps_rules, print_log
from lab.winrm.behaviour import Behaviour
from lab.winrm.dhcp_server import DhcpServer
from lab.winrm.powershell import PowerShellError, Snippets
from lab.winrm.print_server import PrintServer

Json = dict[str, Any]
_NPS = ("Export-NpsConfiguration", "Import-NpsConfiguration")
ORPHAN = "S-1-5-21-3623811015-3361044348-30300820-1013"
"""A member whose account and domain no longer exist."""
_DHCP = ("Get-DhcpServerv4Scope", "Invoke-DhcpServerv4FailoverReplication", "Set-DhcpServerv4OptionValue")
_PRINT = ("Get-Printer", "Get-PrintConfiguration", "Set-Printer", "Set-PrintConfiguration")


class Machine:
    """A server over its state.

    services        by name, whether each runs
    certificates    DER in base64, and whether there is a key
    administrators  name, SID and kind
    nps             the text of the configuration, where the server has this role
    queues          where the server has this role; None until the first read, which makes those of the town
    others          queues to add to those of the town
    print_log       the events of its print service; None until the first read, which makes those of past weeks
    dhcp            scopes and relations, where the server has this role
    dns             forwarders and scavenging, where the server has this role
    host            what a captured server said of itself
    """

    def __init__(
        self,
        name: str,
        state: Json,
        clock: Clock,
        queues: Callable[[], list[Json]],
        neighbour: Callable[[str], Json | None] = lambda name: None,
    ) -> None:
        self.name, self.state, self._clock, self._queues = name, state, clock, queues
        self._neighbour = neighbour
        self.behaviour = Behaviour()

    @property
    def snippets(self) -> Snippets:
        return {
            "certificates": lambda given: {"certificates": self.state["certificates"]},
            "dhcp_export": lambda given: self.dhcp_server.export(given),
            "dhcp_leases_read": lambda given: self.dhcp_server.leases(given),
            "dhcp_relation_add": lambda given: self.dhcp_server.relate(given),
            "dhcp_relation_set": lambda given: self.dhcp_server.change_relation(given),
            "dhcp_replicate": lambda given: self.dhcp_server.replicate(given),
            "dhcp_scopes_read": lambda given: self.dhcp_server.entries(given),
            "dhcp_scopes_remove": lambda given: self.dhcp_server.remove(given),
            "dhcp_scopes_write": lambda given: self.dhcp_server.write(given),
            "dhcp_server_read": lambda given: self.dhcp_server.read(given),
            "dhcp_settings_read": lambda given: self.dhcp_server.settings.read(given),
            "dhcp_settings_write": lambda given: self.dhcp_server.settings.write(given),
            "dns_server_read": lambda given: self._name_server(),
            "host": self._host,
            "language": lambda given: {"language": "FullLanguage"},
            "local_administrators_add": self._admit,
            "local_administrators_read": lambda given: {"members": self._members()},
            "local_administrators_remove": self._expel,
            "nps_export": self._export,
            "nps_import": self._import,
            "print_log_read": lambda given: print_log.read(self.print_log, self._shared(), given),
            "print_queues_read": lambda given: self.print_server.read(given),
            "print_queues_write": lambda given: self.print_server.write(given),
        }

    @property
    def configuration(self) -> bytes:
        """The export of the NPS."""
        return nps_rules.written(nps_rules.parse(self._nps().encode()))

    @property
    def print_server(self) -> PrintServer:
        if self.state.get("queues", ()) is None:
            self.state["queues"] = [*self._queues(), *self.state.pop("others", [])]
        if not self.state["services"].get("Spooler") or "queues" not in self.state:
            raise PowerShellError(
                "The spooler service is not reachable. Ensure the spooler service is running.",
                "HRESULT 0x800706ba,Get-Printer",
            )
        return PrintServer(self.state["queues"])

    @property
    def print_log(self) -> Json:
        if self.state.get("print_log") is None:
            now = datetime.fromisoformat(self._clock.iso())
            self.state["print_log"] = print_log.lived([queue["name"] for queue in self.print_server.queues], now)
        kept: Json = self.state["print_log"]
        return kept

    def _shared(self) -> list[str]:
        return [queue["name"] for queue in self.print_server.queues if queue["shared"]]

    @property
    def dhcp_server(self) -> DhcpServer:
        if not self.state["services"].get("DHCPServer") or "dhcp" not in self.state:
            raise PowerShellError("Failed to get version of the DHCP server.", "DHCP 1753,Get-DhcpServerv4Scope")
        return DhcpServer(self.state["dhcp"], self.name, self._neighbour)

    def tear(self, snippet: str, given: Mapping[str, Any]) -> None:
        """Do half of the work of a snippet, as when a server goes down meanwhile."""
        if snippet.startswith("local_administrators_"):
            self.snippets[snippet](given)
            return
        if snippet == "print_queues_write":
            self.print_server.write({"queues": given["queues"][: len(given["queues"]) // 2]})
            return
        if snippet.startswith("dhcp_scopes_"):
            self.snippets[snippet]({"scopes": given["scopes"][: len(given["scopes"]) // 2]})
            return
        if snippet.startswith("dhcp_"):
            return
        root = nps_rules.parse(gzip.decompress(b64decode(given["document"])))
        for path in (nps_rules.CLIENTS, *nps_rules.PAIRS):
            for item in nps_rules.items(root, path)[1:]:
                item.getparent().remove(item)
        self.state["nps"] = etree.tostring(root, encoding="unicode")

    def _name_server(self) -> Json:
        if not self.state["services"].get("DNS"):
            raise PowerShellError("Failed to get information for server.", "WIN32 1722,Get-DnsServerForwarder")
        settings: Json = self.state["dns"]
        return settings

    def _host(self, given: Mapping[str, Any]) -> Json:
        roles = {"nps": _NPS, "queues": _PRINT, "dhcp": _DHCP}
        commands = [name for role, names in roles.items() if role in self.state for name in names]
        asked = {name.lower() for name in given["commands"]}
        services, known = self.state["services"], self.state.get("host", {})
        sid_types, commands = known.get("services", {}), known.get("commands", commands)
        return {
            "name": self.name.upper()[:15],
            "system": f"Microsoft Windows Server {2019 if self.behaviour.deaf else 2022} Standard",
            "version": "10.0.17763" if self.behaviour.deaf else "10.0.20348",
            "culture": "fr-FR",
            "powershell": "5.1.20348.2849",
            "time": self._clock.iso()[:19],
            "administrator": True,
            "services": [
                {
                    "name": name,
                    "running": services[name],
                    "sid_type": sid_types.get(name, int(not self.behaviour.deaf)),
                }
                for name in given["services"]
                if name in services
            ],
            "commands": [name for name in commands if name.lower() in asked],
            **{key: value for key, value in known.items() if key not in ("services", "commands")},
        }

    def _members(self) -> list[Json]:
        if self.behaviour.orphan and not any(member["sid"] == ORPHAN for member in self.state["administrators"]):
            self.state["administrators"].insert(0, {"name": "", "sid": ORPHAN})
        shown = ("name", "sid", "error")
        return [{key: member[key] for key in shown if key in member} for member in self.state["administrators"]]

    def _expel(self, given: Mapping[str, Any]) -> Json:
        members = self.state["administrators"]
        kept = [member for member in members if member["sid"] != given["sid"]]
        if len(kept) == len(members):
            text = 'Exception calling "Invoke" with "2" argument(s): "The specified account name is not a member of'
            raise PowerShellError(f'{text} the group."', "TargetInvocationException")
        self.state["administrators"] = kept
        self.state.setdefault("expelled", []).extend(member for member in members if member not in kept)
        return {}

    def _admit(self, given: Mapping[str, Any]) -> Json:
        """Take a member in again; the lab knows the accounts that were members before."""
        known = [member for member in self.state.get("expelled", ()) if member["sid"] == given["sid"]]
        if not known or any(member["sid"] == given["sid"] for member in self.state["administrators"]):
            text = 'Exception calling "Invoke" with "2" argument(s): "The specified account name is already a member of'
            raise PowerShellError(f'{text} the group."', "TargetInvocationException")
        self.state["administrators"].append(known[-1])
        return {}

    def _nps(self) -> str:
        if "nps" not in self.state:
            raise PowerShellError(
                "The term 'Export-NpsConfiguration' is not recognized as the name of a cmdlet, function, script file, "
                "or operable program.",
                "CommandNotFoundException",
            )
        return str(self.state["nps"])

    def _export(self, given: Mapping[str, Any]) -> Json:
        return {"document": b64encode(gzip.compress(self.configuration, mtime=0)).decode()}

    def _import(self, given: Mapping[str, Any]) -> Json:
        self._nps()
        try:
            root = nps_rules.parse(gzip.decompress(b64decode(given["document"])))
            wrong = list(nps_rules.faults(root, ordered=self.behaviour.ordered))
        except (OSError, EOFError, ValueError) as fault:
            wrong = [str(fault)]
        if wrong:
            raise PowerShellError(
                f"The NPS configuration cannot be imported. {'; '.join(wrong)}",
                "ImportFailed,Microsoft.Nps.Commands.ImportNpsConfigurationCommand",
            )
        self.state["nps"] = etree.tostring(root, encoding="unicode")
        if given["restart"]:
            self.state["services"]["IAS"] = True
        return {}
