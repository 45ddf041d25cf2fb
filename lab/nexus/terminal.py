"""The terminal of a simulated Nexus: what each command answers, and what NX-OS refuses.

Source: *Cisco Nexus 9000 Series NX-OS Fundamentals Configuration Guide*; texts of refusals as netmiko knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lab.nexus import configuration
from lab.nexus.configuration import Config

INVALID = "                      ^\n% Invalid command at '^' marker."
INCOMPLETE = "% Incomplete command at '^' marker."
DENIED = "% Permission denied for the role"
ADMIN, OPERATOR = "network-admin", "network-operator"
LENGTH = 24
"""Lines of a page, until the terminal says otherwise."""

_SHOWN: Mapping[str, Callable[[Config], str]] = {
    "version": configuration.version,
    "vlan brief": configuration.vlan_brief,
    "vlan": configuration.vlan_brief,
    "port-channel summary": configuration.port_channels,
    "interface brief": configuration.interface_brief,
    "inventory": configuration.inventory,
    "license host-id": configuration.license_host,
}
_STRUCTURED: Mapping[str, Callable[[Config], str]] = {"vlan": configuration.vlan_json}
"""Answers that `| json` gives; of a command without any, NX-OS refuses it."""
_IN_A_BLOCK = (
    "name ", "shutdown", "no shutdown", "description ", "switchport", "no switchport", "channel-group ", "ip address ",
    "vrf member ", "hsrp ", "vpc ", "ip router ospf ", "ipv6 ", "no ",
)  # fmt: skip


_INTERFACE = re.compile(r"interface (Ethernet[0-9/]+|port-channel[0-9]+|Vlan[0-9]+|mgmt0)", re.IGNORECASE)


class Terminal:
    """A session of an account on a switch.

    `block` is the block being configured, None outside configuration mode.
    """

    def __init__(self, config: Config, role: str, roles: dict[str, str], clock: Callable[[], str]) -> None:
        self.config, self.role, self._roles, self._clock = config, role, roles, clock
        self.length = LENGTH
        self.block: tuple[str, str] | None = None
        self.over = False

    @property
    def prompt(self) -> str:
        modes = {None: "", "": "(config)", "vlan": "(config-vlan)", "interface": "(config-if)"}
        return f"{self.config['hostname']}{modes[self.block and self.block[0]]}# "

    def answer(self, line: str) -> str:
        """Answer a line, without its prompt."""
        words = line.split()
        if not words or words[0].startswith("!"):
            return ""
        if self.block is not None and words[0] not in ("show", "end", "exit", "terminal"):
            return self._configure(" ".join(words))
        match words:
            case ["exit"] if self.block is None:
                self.over = True
                return ""
            case ["exit"]:
                self.block = None if self.block == ("", "") else ("", "")
                return ""
            case ["end"]:
                self.block = None
                return ""
            case ["terminal", "length" | "width", number] if number.isdigit():
                if words[1] == "length":
                    self.length = int(number)
                return ""
            case ["configure", "terminal"] | ["configure"]:
                if self.role != ADMIN:
                    return DENIED
                self.block = ("", "")
                return "Enter configuration commands, one per line. End with CNTL/Z."
            case ["show", *what]:
                return self._show(" ".join(what))
        return INVALID

    def _show(self, asked: str) -> str:
        what, _, filter_ = (part.strip() for part in asked.partition("|"))
        if filter_ in ("json", "json-pretty"):
            return _STRUCTURED[what](self.config) if what in _STRUCTURED else INVALID
        if filter_.startswith("section "):
            return configuration.section(self._show(what), filter_.removeprefix("section ").strip())
        if filter_:
            return INVALID
        if what in self.config.get("answered", ()):
            return str(self.config["answered"][what])
        if what == "running-config":
            return DENIED if self.role == OPERATOR else configuration.running(self.config, self._clock())
        if what == "user-account":
            return configuration.accounts(self._roles)
        shown = _SHOWN.get(what)
        return shown(self.config) if shown else INCOMPLETE if not what else INVALID

    def _configure(self, line: str) -> str:
        self.config.pop("answered", None)  # of the switch as it was captured
        if match := re.fullmatch(r"(no )?vlan ([0-9,-]+)", line):
            return self._vlan(match[2], remove=bool(match[1]))
        if match := _INTERFACE.fullmatch(line):
            name = match[1][0].lower() + match[1][1:] if match[1].lower().startswith("port") else match[1].capitalize()
            self.config["interfaces"].setdefault(name, [])
            self.block = ("interface", name)
            return ""
        if match := re.fullmatch(f"(no )?({configuration.SHUT_BY_DEFAULT})", line):
            others = [known for known in self.config["extra"] if known != match[2]]
            self.config["extra"] = others if match[1] else [*others, match[2]]
            self.block = ("", "")
            return ""
        kind, name = self.block or ("", "")
        if not kind or not line.startswith(_IN_A_BLOCK):
            return INVALID
        if kind == "vlan":
            return self._in_vlan(name, line)
        lines = self.config["interfaces"][name]
        opposite = line.removeprefix("no ") if line.startswith("no ") else f"no {line}"
        if line.startswith("switchport trunk allowed vlan "):
            start = "switchport trunk allowed vlan add" if " add " in line else "switchport trunk allowed vlan"
            lines[:] = [known for known in lines if " add " in line or not known.startswith(start)]
        lines[:] = [known for known in lines if known not in (line, opposite)]
        if not line.startswith("no ") or line == "no shutdown":
            lines.append(line)
        return ""

    def _vlan(self, text: str, *, remove: bool) -> str:
        for part in text.split(","):
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                if not 1 <= number <= 3967:
                    return "% Invalid value/range at '^' marker."
                if remove:
                    self.config["vlans"].pop(str(number), None)
                elif number > 1:
                    self.config["vlans"].setdefault(str(number), {"name": f"VLAN{number:04}", "state": "active"})
        self.block = ("", "") if remove or not text.isdigit() else ("vlan", text)
        return ""

    def _in_vlan(self, number: str, line: str) -> str:
        vlan = self.config["vlans"][number]
        if line.startswith("name "):
            vlan["name"] = line.removeprefix("name ")
        elif line in ("shutdown", "no shutdown"):
            vlan["state"] = "shut" if line == "shutdown" else "active"
        else:
            return INVALID
        return ""
