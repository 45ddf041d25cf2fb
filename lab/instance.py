"""One lab: its folder, its clock, its simulators, its directory and its listeners."""

from __future__ import annotations

import secrets
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lab.calls import Calls
from lab.clock import Clock
from lab.control import PREFIX, Control
from lab.declared import declared_inventory, declared_town
from lab.faults import Faults
from lab.http import Simulator
from lab.meraki import ORGANIZATION_ID, MerakiSimulator, World
from lab.meraki.paging import BASE
from lab.seeds import SEEDS, Inventory, Seed, build_world
from lab.server import Listener
from lab.state import private_folder, read_json, write_json

if TYPE_CHECKING:
    from lab.ad import Controller

SAVE_EVERY = 1.0


class Lab:
    """A lab that listens while its `with` block lasts; as many as wanted in one process.

    seed       name of a seed or a function (see `lab.seeds`); used where the folder holds no state yet
    tls        HTTPS with the folder's own authority, beside plain HTTP (`http_url`); False: plain HTTP alone
    directory  with a real domain controller; where it cannot run, `info["absent"]` says why and the rest goes on
    folder     where state, authority and `info.json` lie; a temporary one by default
    inventory  hardware for the seeds; that of the declared town by default
    """

    def __init__(
        self,
        seed: str | Seed = "empty",
        *,
        tls: bool = False,
        directory: bool = False,
        folder: Path | None = None,
        inventory: Inventory | Callable[[], Inventory] | None = None,
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="piste-lab-") if folder is None else None
        self.folder = private_folder(folder or Path(self._temporary.name if self._temporary else ""))
        self._tls, self._inventory, self._seed = tls, inventory, seed
        self.directory: Controller | None = None
        self._wants_directory = directory
        self.clock, self.faults, self.calls = Clock(), Faults(), Calls()
        keys = read_json(self.folder / "keys.json") or {
            "meraki": secrets.token_hex(20),
            "control": secrets.token_urlsafe(24),
        }
        write_json(self.folder / "keys.json", keys)
        self.control_token: str = keys["control"]
        kept = read_json(self.folder / "state.json")
        world = World(kept["meraki"]) if kept else self._build(seed)
        self.meraki = MerakiSimulator(
            keys["meraki"], world=world, clock=self.clock, faults=self.faults, calls=self.calls
        )
        self.info: dict[str, Any] = {}
        self._listeners: list[Listener] = []
        self._stopped = threading.Event()
        self._saved = b""

    def __enter__(self) -> Self:
        routes: dict[str, Simulator] = {BASE: self.meraki, PREFIX: Control(self, self.control_token)}
        plain = Listener(routes)
        self._listeners.append(plain)
        described = {"url": f"{plain.url}{BASE}", "http_url": f"{plain.url}{BASE}"}
        if self._tls:
            # Imported here: making certificates costs 0.2 s, which tests without TLS need not pay.
            from lab.authority import server_context

            secure = Listener(routes, server_context(self.folder))
            self._listeners.append(secure)
            described["url"] = f"{secure.url}{BASE}"
            self.info["ca_file"] = str(self.folder / "ca.pem")
        self.info["meraki"] = {
            **described,
            "api_key": self.meraki.api_key,
            "organization_id": ORGANIZATION_ID,
        }
        if self._wants_directory:
            self._start_directory()
        write_json(self.folder / "info.json", self.info)
        threading.Thread(target=self._save_regularly, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        for listener in self._listeners:
            listener.close()
        if self.directory is not None:
            self.directory.close()
        self.meraki.finish()
        self.save()
        (self.folder / "info.json").unlink(missing_ok=True)
        if self._temporary is not None:
            self._temporary.cleanup()

    def seeds(self) -> list[str]:
        return list(SEEDS)

    def reset(self, seed: str | Seed = "empty") -> None:
        """Start again from a seed; calls return to zero, faults and limits too. Raises ValueError."""
        self.meraki.reset(self._build(seed))
        if self.directory is not None:
            self.directory.restore(_name(seed))

    def save(self) -> None:
        """Write the state where it changed since it was last written."""
        with self.meraki.lock:
            image = self.meraki.world.snapshot()
            if image != self._saved:
                write_json(self.folder / "state.json", {"meraki": self.meraki.world.data})
                self._saved = image

    def _start_directory(self) -> None:
        """Start the domain controller, or describe what keeps it from running."""
        # Imported here: tests without a directory need not pay for its client.
        from lab.ad import Controller
        from lab.authority import authority

        try:
            self.directory = Controller(self.folder / "ad", authority(self.folder), seed=_name(self._seed))
            self.directory.start()
        except RuntimeError as fault:
            self.info["absent"] = {"ad": str(fault)}
        else:
            self.info["ca_file"] = str(self.folder / "ca.pem")
            self.info["ad"] = self.directory.info

    def _build(self, seed: str | Seed) -> World:
        if self._inventory is None:
            inventory = declared_inventory(declared_town())
        else:
            inventory = self._inventory() if callable(self._inventory) else self._inventory
        return build_world(seed, inventory, self.clock)

    def _save_regularly(self) -> None:
        while not self._stopped.wait(SAVE_EVERY):
            self.save()


def _name(seed: str | Seed) -> str:
    """Name the seed of the directory: a seed that is a function fills the other systems only."""
    return seed if isinstance(seed, str) else "empty"
