"""A running Zabbix: start, stop, begin again from the image."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import secrets
import shutil
import socket
import subprocess
import time
from typing import Any

from lab.faults import Faults
from lab.state import private_folder, read_json, write_json
from lab.switches import Switches
from lab.system import Setting
from lab.zabbix import configuration
from lab.zabbix.front import API, SYSTEM, Front
from lab.zabbix.host import SERVER, alone, environment, separate
from lab.zabbix.image import ADMINISTRATOR, CONFIGURATION, PISTE, Image, image

PATIENCE = 60.0
_LISTEN = range(20000, 32768)
_PAGES = "-d memory_limit=512M -d post_max_size=32M -d max_execution_time=300 -d opcache.enable_cli=1"
# The first process of the namespaces: they end with it. It ends the database well where it has the time.
_RUN = f"""set -eu
port=$1 pages=$2 polling=$3; shift 3
rm -f pg/postmaster.pid server.pid
pg_ctl -D pg -l pg.log -w start >/dev/null
php {_PAGES} -S 127.0.0.1:"$port" -t "$pages" </dev/null >php.log 2>&1 &
[ "$polling" = 0 ] || "$@" {SERVER} -f -c server.conf </dev/null >server.log 2>&1 &
cat >/dev/null
kill $(jobs -p) 2>/dev/null || true
wait
pg_ctl -D pg -m fast -w stop >/dev/null
"""


class Zabbix:
    """A Zabbix as a system of the lab, between `start` and `finish`.

    polling  with the process that reads the hosts; without it, the API alone
    """

    name = SYSTEM

    def __init__(self, setting: Setting, *, polling: bool = True) -> None:
        self.folder = private_folder(setting.folder / SYSTEM)
        self.faults = Faults()
        self.simulator = Front(setting.clock, self.faults, setting.calls)
        self.behaviour = Switches()
        self._polling = polling
        self._process: subprocess.Popen[bytes] | None = None
        self._image: Image | None = None
        self._port = 0

    @property
    def passwords(self) -> dict[str, str]:
        """The password of `Admin` and the token of Piste."""
        known: dict[str, str] = read_json(self.folder / "accounts.json") or {}
        return known

    @property
    def port(self) -> int:
        """The port of the server, where agents and senders speak to it."""
        return self._port

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        known = self.passwords
        return {
            "url": secure,
            "http_url": plain,
            "token": known[PISTE],
            "account": PISTE,
            "administrator": ADMINISTRATOR,
            "password": known[ADMINISTRATOR],
            "server_port": self._port,
        }

    def start(self) -> None:
        """Start from the folder's database, or from the image, and wait. Raises RuntimeError."""
        if not (self.folder / "pg").is_dir():
            self._begin()
        base = f"@piste-zabbix-{secrets.token_hex(6)}"
        self._port, pages = _free_ports()
        files = {"zabbix.conf.php": configuration.frontend(base, self._port)}
        files |= {"server.conf": configuration.server(self._port)}
        files |= {f"pg/{name}": content for name, content in configuration.postgresql(base).items()}
        for name, content in files.items():
            (self.folder / name).write_text(content, encoding="utf-8")
        given = ["run", str(pages), str(self._of_image().pages), str(int(self._polling)), *alone()]
        with (self.folder / "run.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*separate(), "bash", "-c", _RUN, *given],
                cwd=self.folder,
                env={**environment(), CONFIGURATION: str(self.folder / "zabbix.conf.php")},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.simulator.port = pages
        deadline = time.monotonic() + PATIENCE
        while not _answers(pages):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.finish()
                raise RuntimeError(f"Zabbix n'a pas démarré ; ses journaux : {self.folder}")
            time.sleep(0.05)

    def reset(self, seed: str) -> None:
        """Start again from the image, which is the state of every seed."""
        self.finish()
        shutil.rmtree(self.folder / "pg", ignore_errors=True)
        self.start()

    def image(self) -> bytes:
        """Return nothing: the database keeps the state by itself."""
        return b""

    def state(self) -> Any:
        return None

    def finish(self) -> None:
        """Stop; the folder keeps the database."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _begin(self) -> None:
        begun, made = self.folder / "pg.new", self._of_image()
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(mode=0o700)
        command = ["tar", "--extract", "--zstd", "--no-same-owner", "--file", str(made.database), "--directory"]
        subprocess.run([*command, str(begun)], env=environment(), check=True, capture_output=True)
        write_json(self.folder / "accounts.json", made.passwords)
        begun.chmod(0o700)
        begun.rename(self.folder / "pg")

    def _of_image(self) -> Image:
        self._image = self._image or image()
        return self._image


def _free_ports() -> tuple[int, int]:
    """Find two free ports: the server's, which takes none above 32767, and the frontend's."""
    with socket.socket() as pages:
        pages.bind(("127.0.0.1", 0))
        for port in random.sample(_LISTEN, len(_LISTEN)):
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port, pages.getsockname()[1]
    raise RuntimeError("aucun port libre pour le serveur Zabbix")


def _answers(port: int) -> bool:
    """True where the API answers with its version."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps({"jsonrpc": "2.0", "method": "apiinfo.version", "params": {}, "id": 1})
    try:
        connection.request("POST", API, body, {"Content-Type": "application/json-rpc"})
        return "result" in json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
