"""The programs that answer the lab's Zabbix in the namespaces of a twin.

Debian's `snmpd` for each device that is read by SNMP, its values in `<device>.snmp`, which may be changed by hand; an
agent of Zabbix for the machines of a namespace; where the server is, a server of NUT that reads the supplies by SNMP.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab import lifeline
from lab.ad.host import SYSTEM_PATH, packages
from lab.polled import answers
from lab.polled.trees import DEVICES, Device
from lab.state import private_folder, read_json
from lab.supplies import PROGRAMS
from lab.zabbix.polling import Place
from piste.trials.twin.process import MARK, environment

COMMANDS = ("snmpd", "zabbix_agent2", "ip")
_BY_AGENT, _COMMUNITY = "by Zabbix agent", "public"
"""End of the names of the templates that ask an agent; the community of a server without another."""


def obstacle() -> str:
    """Say in French what is missing here, and the remedy; empty where nothing is."""
    missing = [name for name in COMMANDS if shutil.which(name, path=SYSTEM_PATH) is None]
    missing += [name for name in ("upsd", "snmp-ups") if not (PROGRAMS / name).exists()]
    if not missing:
        return ""
    return (
        f"il manque à cette machine {', '.join(missing)}. "
        f"Installez : sudo apt-get install --no-install-recommends {' '.join(packages('polled'))}"
    )


def poll(folder: Path, zabbix: Any, twin: Mapping[str, Any] | None) -> Polled | None:
    """Move the server of a lab to a twin, and start what answers there. Raises RuntimeError."""
    polling = getattr(zabbix, "polling", None)
    if polling is None:
        raise RuntimeError("le laboratoire est sans serveur Zabbix")
    if twin is None:
        polling.move(None)
        return None
    if reason := obstacle():
        raise RuntimeError(reason)
    server = twin["supervision"]
    polling.move(Place(server["namespace"], {MARK: server["mark"]}, server["resolvers"]))
    polled = Polled(folder / "polled", environment(server["mark"]))
    secrets = read_json(folder / "secrets.json") or {}
    polled.start((server["address"], server["namespace"]), twin["watched"], secrets)
    return polled


class Polled:
    """The programs of a twin, between `start` and `close`; they end with the twin as well.

    server     address of the server, and its namespace
    watched    what is polled: `{name, kind, address, host, templates, community}`, `host` being a namespace
    secrets    values by path; `community` is such a path, empty for the community of a new server
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._folder, self._variables = private_folder(folder), dict(variables)
        self._running: subprocess.Popen[bytes] | None = None

    def start(self, server: tuple[str, str], watched: Sequence[Mapping[str, Any]], secrets: Mapping[str, str]) -> None:
        address, place = server
        programs: dict[str, list[str]] = {}
        by_snmp = [(entry, DEVICES[entry["kind"]]) for entry in watched if entry["kind"] in DEVICES]
        for entry, device in by_snmp:
            programs[entry["name"]] = _within(entry["host"], self._snmp(entry, device, secrets))
        for namespace in sorted({entry["host"] for entry in watched if _by_agent(entry["templates"])}):
            programs[f"agent-{namespace}"] = _within(namespace, self._agent(namespace, address))
        supplies = [entry for entry, _ in by_snmp if entry["kind"] == "ups"]
        if supplies:
            programs |= {name: _within(place, words) for name, words in self._nut(address, supplies, secrets)}
        places = dict.fromkeys(("NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH", "NUT_PIDPATH"), str(self._folder))
        variables = {**self._variables, **places, "SNMP_PERSISTENT_DIR": str(self._folder), "MIBS": ""}
        self._running = lifeline.begin(programs, self._folder, variables)

    def close(self) -> None:
        if self._running is not None:
            lifeline.end(self._running)
            self._running = None

    def _snmp(self, entry: Mapping[str, Any], device: Device, secrets: Mapping[str, str]) -> list[str]:
        name = entry["name"]
        values = self._folder / f"{name}.snmp"
        lines = [f"{oid} {kind} {value}" for oid, (kind, value) in device.values.items()]
        values.write_text("\n".join([*lines, ""]), "utf-8")
        answer = f"{sys.executable} -I {answers.__file__} {values}"
        settings = [
            f"agentaddress udp:{entry['address']}:161",
            f"rocommunity {_community(entry, secrets)}",
            f"sysname {name}",
            f"sysdescr {device.description}",
            f"sysobjectid .{device.object_id}",
            *(f"pass_persist .{branch} {answer}" for branch in device.branches),
        ]
        (self._folder / f"{name}.conf").write_text("\n".join([*settings, ""]), "utf-8")
        return ["snmpd", "-f", "-Lo", "-I", "-smux", "-C", "-c", str(self._folder / f"{name}.conf")]

    def _agent(self, namespace: str, server: str) -> list[str]:
        settings = {
            "Server": server,
            "ServerActive": "",
            "ListenPort": "10050",
            "Hostname": namespace,
            "LogType": "console",
            "PidFile": str(self._folder / f"{namespace}.pid"),
            "PluginSocket": str(self._folder / f"{namespace}.sock"),
            "ControlSocket": "",
        }
        path = self._folder / f"{namespace}.conf"
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items() if value), "utf-8")
        return ["zabbix_agent2", "-f", "-c", str(path)]

    def _nut(
        self, server: str, supplies: Iterable[Mapping[str, Any]], secrets: Mapping[str, str]
    ) -> Iterator[tuple[str, list[str]]]:
        sections = [
            f"[{entry['name']}]\n driver = snmp-ups\n port = {entry['address']}\n mibs = apcc\n snmp_version = v2c\n"
            f" community = {_community(entry, secrets)}\n pollfreq = 3\n"
            for entry in supplies
        ]
        for name, text in {
            "ups.conf": f"statepath = {self._folder}\n{''.join(sections)}",
            "upsd.conf": f"LISTEN {server} 3493\nSTATEPATH {self._folder}\n",
            "upsd.users": "",
        }.items():
            (self._folder / name).write_text(text, "utf-8")
            (self._folder / name).chmod(0o600)
        for entry in supplies:
            yield f"nut-{entry['name']}", [str(PROGRAMS / "snmp-ups"), "-F", "-a", entry["name"], "-u", "root"]
        yield "nut", [str(PROGRAMS / "upsd"), "-F", "-u", "root"]


def _within(namespace: str, words: list[str]) -> list[str]:
    return ["ip", "netns", "exec", namespace, *words]


def _by_agent(templates: Iterable[str]) -> bool:
    return any(name.endswith(_BY_AGENT) for name in templates)


def _community(entry: Mapping[str, Any], secrets: Mapping[str, str]) -> str:
    return secrets[entry["community"]] if entry["community"] else _COMMUNITY
