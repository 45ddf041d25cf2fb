"""One lab: its folder, its clock, its simulators, its directory and its listeners."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
import traceback
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lab.beside import Beside
from lab.calls import Calls
from lab.clock import Clock
from lab.control import PREFIX, Control
from lab.declared import declared_inventory, declared_town, keep_secrets
from lab.faults import Faults
from lab.glpi.system import Glpi
from lab.http import Simulator
from lab.meraki import MerakiSimulator
from lab.meraki.system import Meraki
from lab.microsoft.system import Microsoft
from lab.prism.system import Prism
from lab.seeds import SEEDS, Inventory, Seed
from lab.server import Listener
from lab.smc.system import Smc
from lab.state import FILLING, info_of, private_folder, read_json, write_json
from lab.system import Setting, System
from lab.veeam.system import Veeam
from lab.winrm.system import Winrm

if TYPE_CHECKING:
    from lab.ad import Controller
    from lab.polled.programs import Polled
    from lab.radius.server import Radius

SAVE_EVERY = 1.0
"""Seconds between two looks at what has changed."""
TOWN = "town"
# The systems with ports of their own; their form and life: `lab/system.py`.
OTHERS: Mapping[str, Callable[[Setting], System]] = {
    "winrm": Winrm,
    "smc": Smc,
    "prism": Prism,
    "glpi": Glpi,
    "veeam": Veeam,
    "microsoft": Microsoft,
}


class Refused(ValueError):
    """The capture is not taken; the message is for the user."""


class Lab:
    """A lab that listens while its `with` block lasts; several may run in a process.

    seed       name of a seed or a function (see `lab.seeds`), for a folder without a state
    tls        HTTPS with the authority of the folder, and plain HTTP (`http_url`); False: plain HTTP alone
    directory  with a real domain controller; where it cannot run, `info["absent"]` has the reason
    nexus      with the Nexus switches of the declared town, over SSH
    endpoints  with the declared certificates, served over TLS
    zabbix     with a real Zabbix: `whole`, or `api` without the process that reads the hosts; else `info["absent"]`
    supplies   with the declared supplies, on a real server of NUT, where it can run
    backups    with a share and its repository of restic, where it can run
    shares     with the declared shares, on a real file server, where it can run
    publisher  with the program of the computers signed, where the town rolls it out
    folder     of state, authority and `info.json`; a temporary folder by default
    inventory  hardware for the seeds; that of the declared town by default
    others     the systems beside Meraki; all of them by default
    capture    what the lab becomes before anything of it listens; `taken` says what it took. `Refused` where it is bad
    begins     called with the name of each part before it starts
    """

    def __init__(
        self,
        seed: str | Seed = "empty",
        *,
        tls: bool = False,
        directory: bool = False,
        nexus: bool = False,
        endpoints: bool = False,
        zabbix: str = "",
        supplies: bool = False,
        backups: bool = False,
        shares: bool = False,
        collector: bool = False,
        publisher: bool = False,
        folder: Path | None = None,
        inventory: Inventory | Callable[[], Inventory] | None = None,
        others: Collection[str] = tuple(OTHERS),
        capture: Path | None = None,
        begins: Callable[[str], None] = lambda part: None,
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="piste-lab-") if folder is None else None
        self.folder = private_folder(folder or Path(self._temporary.name if self._temporary else ""))
        self._tls, self._inventory, self._seed, self._begins = tls, inventory, seed, begins
        self.directory: Controller | None = None
        self._radius: Radius | None = None
        self._polled: Polled | None = None
        self._wants_directory = directory
        self._capture = capture
        self.taken: dict[str, Any] = {}
        wanted = {"nexus": nexus, "endpoints": endpoints, "supplies": supplies, "backups": backups, "shares": shares,
                  "collector": collector, "publisher": publisher}  # fmt: skip
        self._wanted = [part for part, is_wanted in wanted.items() if is_wanted]
        self.clock, self.calls = Clock(), Calls()
        self._keys: dict[str, str] = read_json(self.folder / "keys.json") or {}
        self.control_token = self._key("control")
        self._begins("simulators")
        kept = read_json(self.folder / "state.json") or {}
        dashboard = Meraki(self._setting("meraki", kept), seed)
        self.meraki: MerakiSimulator = dashboard.simulator
        self.systems: dict[str, System] = {
            "meraki": dashboard,
            **{name: make(self._setting(name, kept)) for name, make in OTHERS.items() if name in others},
        }
        self.info: dict[str, Any] = {}
        self._listeners: dict[str, tuple[Listener, Listener]] = {}
        """Those of each system, without TLS and with it: the same where there is no TLS."""
        self.beside = Beside(self.folder, self.clock, self.calls, self._key, self.info)
        if backups:
            self._key("restic")
        if zabbix:
            self._begins("zabbix")
            self._add_zabbix(kept, polling=zabbix == "whole")
        write_json(self.folder / "keys.json", self._keys)
        self._stopped = threading.Event()
        self._saver = threading.Thread(target=self._save_regularly, daemon=True)
        self.save_every = SAVE_EVERY
        self._saved: dict[str, bytes] = {}
        self._gate = f"/{secrets.token_hex(20)}" if os.environ.get(FILLING) else ""
        """The path below which alone a lab answers while it is filled, known to who fills it."""

    @property
    def faults(self) -> Faults:
        """The faults of Meraki; each other system has its own (`systems[name].faults`)."""
        return self.systems["meraki"].faults

    def __enter__(self) -> Self:
        if self._wants_directory:
            self._begins("ad")
            self._make_directory()
        for part in self._wanted:
            self.beside.make(part, _name(self._seed))
        if self._capture is not None:
            self._begins("capture")
            try:
                self.take(str(self._capture))
            except ValueError as fault:
                raise Refused(str(fault)) from fault
        context = None
        if self._tls:
            # Imported here: certificates cost 0.2 s, which tests without TLS need not spend.
            from lab.authority import server_context

            context = server_context(self.folder)
            self.info["ca_file"] = str(self.folder / "ca.pem")
        for name, system in self.systems.items():
            routes: dict[str, Simulator] = {"": system.simulator}
            if name == "meraki":
                routes = {PREFIX: Control(self, self.control_token), **routes}
            plain = Listener(routes, gate=self._gate)
            self._listeners[name] = (plain, Listener(routes, context, gate=self._gate) if context else plain)
        self._describe()
        if self.directory is not None:
            self._begins("ad")
            self._start_directory(self.directory)
        if not self._gate:
            self._start_others()
        write_json(info_of(self.folder), self.info)
        self._saver.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        if self._saver.is_alive():
            self._saver.join()
        for listener in set[Listener]().union(*self._listeners.values()):
            listener.close()
        if self._polled is not None:
            self._polled.close()
        if self._radius is not None:
            self._radius.close()
        self.beside.close()
        if self.directory is not None:
            self.directory.close()
        for system in self.systems.values():
            system.finish()
        self.save()
        if not self._gate:
            info_of(self.folder).unlink(missing_ok=True)
        if self._temporary is not None:
            self._temporary.cleanup()

    def seeds(self) -> list[str]:
        return list(SEEDS)

    def reset(self, seed: str | Seed = "empty") -> None:
        """Start again from a seed; calls return to zero, faults and limits too. Raises ValueError."""
        if isinstance(seed, str) and seed not in (*SEEDS, TOWN):
            raise ValueError(f"état de départ inconnu : {seed} (choix : {', '.join((*SEEDS, TOWN))})")
        for system in self.systems.values():
            # A seed that is a function fills Meraki; the other systems are then empty.
            system.reset(seed if isinstance(system, Meraki) else _name(seed))  # type: ignore[arg-type]
            system.faults.clear()
        self.calls.clear()
        self.beside.reset(_name(seed))
        if self.directory is not None:
            # The convergence that follows makes its state `town`, as that of the other systems.
            self.directory.restore("empty" if seed == TOWN else _name(seed))
        if self._radius is not None:
            keep_secrets(self.folder, self._radius.secrets)
        if self._listeners:
            # A seed that was made since the start has other passwords and another token.
            self._describe()
            if self.directory is not None and "ad" in self.info:
                self.info["ad"] = self.directory.info
            write_json(info_of(self.folder), self.info)

    def open(self) -> None:
        """Answer everybody, and say where, now that the lab is filled."""
        former, self._gate = info_of(self.folder), ""
        if self.directory is not None and "ad" in self.info:
            self.directory.show()
            self.info["ad"] = self.directory.info
        self._start_others()
        for listener in set[Listener]().union(*self._listeners.values()):
            listener.open()
        self._describe()
        self.save()
        os.environ.pop(FILLING, None)
        write_json(info_of(self.folder), self.info)
        former.unlink()

    def deliver(self) -> None:
        """Deliver what the town has declared since: hardware on the shelf, print queues."""
        for system in self.systems.values():
            if isinstance(system, (Meraki, Winrm)):
                system.deliver()

    def poll(self, twin: Mapping[str, Any] | None) -> None:
        """Let Zabbix poll in a twin of that state, whose devices answer; else a loopback of its own.

        Raises RuntimeError.
        """
        from lab.polled.programs import poll

        if self._polled is not None:
            self._polled.close()
            self._polled = None
        self._polled = poll(self.folder, self.systems.get("zabbix"), twin)

    def take(self, capture: str) -> dict[str, Any]:
        """Take the state and the clock of a capture; say what was left. Raises ValueError."""
        from lab.captured import take

        parts: dict[str, Any] = {"nexus": self.beside.nexus, "nut": self.beside.supplies, "ad": self.directory}
        beside = {name: part for name, part in parts.items() if part is not None}
        taken = take(Path(capture), {**self.systems, **beside}, self.folder)
        self.clock.advance(taken.at - self.clock.now())
        self.calls.clear()
        self.taken = {"at": self.clock.iso(), "taken": taken.counts, "left": taken.left}
        return self.taken

    def back_up(self) -> list[str]:
        """Copy what the lab backs up, as the jobs of a town do; list it. Raises RuntimeError."""
        made = []
        if self.beside.backups is not None:
            self.beside.backups.copy()
            made.append("partages (restic)")
        if self.directory is not None:
            made.append(f"annuaire ({self.directory.back_up(self.folder / 'sauvegardes' / 'annuaire').name})")
        return made

    def save(self) -> None:
        """Write the state where it has changed; a lab that is being filled has none yet."""
        if self._gate:
            return
        images = {name: system.image() for name, system in self.systems.items()}
        if images != self._saved:
            write_json(self.folder / "state.json", {name: system.state() for name, system in self.systems.items()})
            self._saved = images

    def _describe(self) -> None:
        """Say where each system listens, and how it is asked."""
        for name, (plain, secure) in self._listeners.items():
            self.info[name] = dict(self.systems[name].describe(plain.url, secure.url))
        self.info["control"] = f"{self._listeners['meraki'][0].url}{PREFIX}"

    def _start_others(self) -> None:
        """Start what nothing fills by its own interface, and what is filled by now."""
        if (zabbix := self.systems.get("zabbix")) is not None:
            zabbix.show()  # type: ignore[attr-defined]
        if self.directory is not None:
            self._begins("radius")
            self._start_radius()
        for part in self._wanted:
            self._begins(part)
            self.beside.start(part, _name(self._seed))

    def _setting(self, name: str, kept: Mapping[str, Any]) -> Setting:
        return Setting(
            folder=self.folder,
            clock=self.clock,
            calls=self.calls,
            key=lambda key: self._key(f"{name}/{key}"),
            inventory=self._hardware,
            seed=_name(self._seed),
            kept=kept.get(name),
        )

    def _key(self, name: str) -> str:
        return self._keys.setdefault(name, secrets.token_hex(20))

    def _add_zabbix(self, kept: Mapping[str, Any], *, polling: bool) -> None:
        """Start Zabbix, or describe the obstacle."""
        # Imported here: a lab without Zabbix need not spend the time.
        from lab.zabbix.server import Zabbix

        zabbix = Zabbix(self._setting("zabbix", kept), polling=polling)
        try:
            zabbix.start()
        except RuntimeError as fault:
            self.beside.without("zabbix", str(fault))
        else:
            self.systems["zabbix"] = zabbix

    def _make_directory(self) -> None:
        """Make the domain controller, or describe the obstacle."""
        # Imported here: tests without a directory need not spend the time of its client.
        from lab.ad import Controller
        from lab.authority import authority

        try:
            where, seed = self.folder / "ad", _name(self._seed)
            self.directory = Controller(where, authority(self.folder), seed=seed, hidden=bool(self._gate))
        except RuntimeError as fault:
            self.beside.without("ad", str(fault))

    def _start_directory(self, directory: Controller) -> None:
        try:
            directory.start()
        except RuntimeError as fault:
            self.beside.without("ad", str(fault))
        else:
            self.info["ca_file"] = str(self.folder / "ca.pem")
            self.info["ad"] = directory.info

    def _start_radius(self) -> None:
        """Listen for RADIUS, or describe the obstacle; FreeRADIUS starts at the first request."""
        from lab.authority import authority
        from lab.radius.server import Radius, obstacle

        servers = self.systems.get("winrm")
        if self.directory is None or "ad" not in self.info or not isinstance(servers, Winrm):
            return
        if self.beside.without("radius", obstacle()):
            return
        self._radius = Radius(self.folder / "radius", self.directory, authority(self.folder), servers.exports).start()
        keep_secrets(self.folder, self._radius.secrets)
        self.info["radius"] = self._radius.info

    def _hardware(self) -> Inventory:
        if self._inventory is None:
            return declared_inventory(declared_town())
        return self._inventory() if callable(self._inventory) else self._inventory

    def _save_regularly(self) -> None:
        """Save while the lab runs; a failure is in the log and in `info`, and is tried again."""
        asked = -1
        while not self._stopped.wait(self.save_every):
            if asked == self.calls.asked and not self.info.get("unsaved"):
                continue
            asked = self.calls.asked
            try:
                self.save()
            except Exception as fault:  # whatever a system raises, the next save may succeed
                traceback.print_exc()
                self._note_saves(f"{type(fault).__name__} : {fault}")
            else:
                self._note_saves("")

    def _note_saves(self, why: str) -> None:
        if why != self.info.get("unsaved", ""):
            self.info["unsaved"] = why
            with suppress(OSError):
                write_json(info_of(self.folder), self.info)


def _name(seed: str | Seed) -> str:
    """Name the seed of the directory: a seed that is a function fills the other systems only."""
    return seed if isinstance(seed, str) else "empty"
