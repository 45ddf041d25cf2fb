"""The control API of a running lab, for the command line and for tests in another process."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Protocol

from lab.calls import Calls
from lab.clock import Clock
from lab.faults import Fault
from lab.http import Request, Response, json_response
from lab.system import System

PREFIX = "/_lab/"
DEFAULT = "meraki"
_FAULT_OPTIONS = frozenset(f.name for f in fields(Fault) if f.init)


class Controlled(Protocol):
    """A running lab (`lab.instance.Lab`)."""

    clock: Clock
    calls: Calls
    systems: dict[str, System]
    directory: Any
    endpoints: Any

    def seeds(self) -> list[str]: ...
    def reset(self, seed: str) -> None: ...
    def open(self) -> None: ...
    def deliver(self) -> None: ...
    def poll(self, twin: Mapping[str, Any] | None) -> None: ...
    def back_up(self) -> list[str]: ...
    @property
    def taken(self) -> dict[str, Any]: ...


class Control:
    """Answers `POST /_lab/<command>` with a JSON object, to a client that sends the lab's token."""

    def __init__(self, lab: Controlled, token: str) -> None:
        self._lab, self._token = lab, token
        self._commands: dict[str, Callable[[dict[str, Any]], Any]] = {
            "ping": lambda given: {"seeds": self._lab.seeds()},
            "reset": lambda given: self._lab.reset(given.get("seed", "empty")),
            "calls": lambda given: self._lab.calls.counts(),
            "forget": lambda given: self._lab.calls.clear(),
            "log": lambda given: self._lab.calls.as_list(),
            "faults": lambda given: self._faults(),
            "fault": self._fault,
            "clear": lambda given: self._clear(),
            "clock": self._clock,
            "set": self._set,
            "member": self._member,
            "open": lambda given: self._lab.open(),
            "deliver": lambda given: self._lab.deliver(),
            "poll": lambda given: self._lab.poll(given.get("twin")),
            "back_up": lambda given: self._lab.back_up(),
            "taken": lambda given: self._lab.taken,
        }

    def handle(self, request: Request) -> Response:
        if not hmac.compare_digest(request.header("Authorization"), f"Bearer {self._token}"):
            return json_response(401, {"error": "jeton du laboratoire absent ou faux"})
        command = self._commands.get(request.path.removeprefix(PREFIX))
        if command is None or request.method != "POST":
            return json_response(404, {"error": f"commande inconnue : {request.path}"})
        try:
            return json_response(200, {"result": command(json.loads(request.body or b"{}"))})
        except (ValueError, TypeError, RuntimeError) as fault:
            return json_response(400, {"error": str(fault)})
        finally:
            self._lab.calls.asked += 1

    def _faults(self) -> list[dict[str, Any]]:
        systems = self._lab.systems.items()
        return [{"system": name, **fault.as_dict()} for name, system in systems for fault in system.faults.armed]

    def _fault(self, given: dict[str, Any]) -> Any:
        options = {key: value for key, value in given.items() if key != "system"}
        unknown = options.keys() - _FAULT_OPTIONS
        if unknown:
            raise ValueError(f"options de panne inconnues : {', '.join(sorted(unknown))}")
        return self._system(given.get("system", DEFAULT)).faults.add(**options).as_dict()

    def _clear(self) -> None:
        for system in self._lab.systems.values():
            system.faults.clear()

    def _clock(self, given: dict[str, Any]) -> Any:
        clock = self._lab.clock
        if "advance" in given:
            clock.advance(float(given["advance"]))
        if given.get("freeze"):
            clock.freeze()
        if given.get("release"):
            clock.release()
        return clock.iso()

    def _member(self, given: dict[str, Any]) -> None:
        """Add an account to a group of the directory, as its administrator does."""
        if self._lab.directory is None:
            raise ValueError("le laboratoire est sans annuaire")
        self._lab.directory.tool("group", "addmembers", str(given["group"]), str(given["account"]))

    def _set(self, given: dict[str, Any]) -> Any:
        """Change switches; `smc.session_seconds` belongs to `smc`, a name without a dot to Meraki."""
        wanted: dict[str, dict[str, Any]] = {}
        for name, value in given.items():
            system, _, switch = name.rpartition(".")
            wanted.setdefault(system or DEFAULT, {})[switch] = value
        endpoints = self._lab.beside.endpoints
        if endpoints is not None:
            endpoints.set(**wanted.pop("certificates", {}))
        for system, values in wanted.items():
            self._system(system).behaviour.set(**values)
        shown: dict[str, Any] = {}
        for name, system in self._lab.systems.items():
            prefix = "" if name == DEFAULT else f"{name}."
            shown |= {f"{prefix}{switch}": value for switch, value in system.behaviour.as_dict().items()}
        if endpoints is not None:
            shown |= {f"certificates.{name}": state for name, state in endpoints.states.items()}
        return shown

    def _system(self, name: str) -> System:
        if name not in self._lab.systems:
            raise ValueError(f"système inconnu : {name} (choix : {', '.join(self._lab.systems)})")
        return self._lab.systems[name]
