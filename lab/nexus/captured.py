"""Nexus switches made of the answers of real switches: each command answers again as it did.

The configuration is read too: once somebody changes it by hand, the lab writes its own answers from it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from lab.beyond import Captured
from lab.nexus.configuration import LOCAL, Config

_VLAN, _INTERFACE = re.compile(r"vlan (\d{1,4})"), re.compile(r"interface (\S{1,40})")
_OURS = re.compile(r"version |hostname |vlan |feature (lacp|interface-vlan)$|!|(username|snmp-server|tacacs-server) ")
"""Lines that the lab writes by itself."""


def configs_of(answers: Iterable[Captured], declared: Container[str]) -> tuple[dict[str, Config], list[str]]:
    """Build the configurations of the declared switches; list what is left."""
    heard: dict[str, dict[str, str]] = {}
    left = []
    for answer in answers:
        _, name, *rest = answer.path.split("/")
        if answer.status == 200 and isinstance(answer.answer, str):
            heard.setdefault(name, {})["/".join(rest)] = answer.answer
    for name in [name for name in heard if name not in declared]:
        left.append(f"{name} : aucun Nexus déclaré ne porte ce nom, il est laissé")
        del heard[name]
    made = {name: {**_of_running(known.get("running-config", "")), "answered": known} for name, known in heard.items()}
    return made, left


def _of_running(text: str) -> Config:
    """Read the parts of a running configuration that the lab lets people change."""
    config: Config = {"hostname": "switch", "vlans": {}, "interfaces": {}, "extra": []}
    block: list[str] | None = None
    for line in text.splitlines():
        if line.startswith(" ") and line.strip():
            if block is not None:
                block.append(line.strip())
            continue
        block = None
        if match := _INTERFACE.fullmatch(line):
            block = config["interfaces"].setdefault(match[1], [])
        elif match := _VLAN.fullmatch(line):
            block = config["vlans"].setdefault(match[1], [])
        elif line.startswith("hostname "):
            config["hostname"] = line.removeprefix("hostname ").strip()
        elif line.strip() and not _OURS.match(line) and line not in LOCAL:
            config["extra"].append(line)
    for number, lines in config["vlans"].items():
        name = next((line.removeprefix("name ") for line in lines if line.startswith("name ")), f"VLAN{int(number):04}")
        config["vlans"][number] = {"name": name, "state": "shut" if "shutdown" in lines else "active"}
    return config
