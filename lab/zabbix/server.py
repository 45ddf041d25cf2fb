"""A running Zabbix: start, stop, begin again from the image."""

from __future__ import annotations

import http.client
import json
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from lab import lifeline
from lab.beyond import Captured
from lab.faults import Faults
from lab.server import drawn_address
from lab.state import private_folder, read_json, write_json
from lab.switches import Switches
from lab.system import Setting
from lab.zabbix import configuration
from lab.zabbix.captured import Made, Straight, read, written
from lab.zabbix.front import API, SYSTEM, Front
from lab.zabbix.host import environment, separate
from lab.zabbix.image import ADMINISTRATOR, CONFIGURATION, PISTE, Image, image
from lab.zabbix.polling import Polling

_PAGES = "-d memory_limit=512M -d post_max_size=32M -d max_execution_time=300 -d opcache.enable_cli=1"
# The first process of the namespaces: they end with it. It ends the database well where it has the time.
_RUN = f"""set -eu
port=$1 pages=$2
rm -f pg/postmaster.pid
pg_ctl -D pg -l pg.log -w start >/dev/null
php {_PAGES} -S "$port" -t "$pages" </dev/null >php.log 2>&1 &
cat >/dev/null
kill $(jobs -p) 2>/dev/null || true
wait
pg_ctl -D pg -m fast -w stop >/dev/null
"""


class Zabbix:
    """A Zabbix as a system of the lab, between `start` and `finish`.

    polling  with the process that reads the hosts; without it, the API alone

    The server starts once it is shown: the port of one that is being filled refuses.
    """

    name = SYSTEM

    def __init__(self, setting: Setting, *, polling: bool = True) -> None:
        self.folder = private_folder(setting.folder / SYSTEM)
        self.faults = Faults()
        self.simulator = Front(setting.clock, self.faults, setting.calls)
        self.behaviour = Switches()
        self.polling = Polling(self.folder) if polling else None
        self._shown = False
        self._process: subprocess.Popen[bytes] | None = None
        self._image: Image | None = None

    @property
    def passwords(self) -> dict[str, str]:
        """The password of `Admin` and the token of Piste."""
        known: dict[str, str] = read_json(self.folder / "accounts.json") or {}
        return known

    @property
    def port(self) -> int:
        """The port of this machine that leads to the server; 0 without a server."""
        return self.polling.port if self.polling else 0

    def describe(self, plain: str, secure: str) -> dict[str, Any]:
        known = self.passwords
        return {
            "url": secure,
            "http_url": plain,
            "token": known[PISTE],
            "account": PISTE,
            "administrator": ADMINISTRATOR,
            "password": known[ADMINISTRATOR],
            "server_port": self.port,
        }

    def start(self) -> None:
        """Start from the folder's database, or from the image, and wait. Raises RuntimeError."""
        if not (self.folder / "pg").is_dir():
            self._begin()
        base = f"@piste-zabbix-{secrets.token_hex(6)}"
        pages = _free_place()
        if self.polling:
            self.polling.open()
        files = {"zabbix.conf.php": configuration.frontend(base, self.port), "server.conf": configuration.server()}
        files |= {f"pg/{name}": content for name, content in configuration.postgresql(base).items()}
        for name, content in files.items():
            (self.folder / name).write_text(content, encoding="utf-8")
        given = ["run", "{}:{}".format(*pages), str(self._of_image().pages)]
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
        self.simulator.place = pages
        deadline = time.monotonic() + lifeline.PATIENCE
        while not _answers(pages):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.finish()
                raise RuntimeError(f"Zabbix n’a pas démarré ; ses journaux : {self.folder}")
            time.sleep(0.05)
        if self.polling and self._shown:
            self.polling.start()

    def show(self) -> None:
        """Start the server too, now that nothing fills it."""
        self._shown = True
        if self.polling and not self.polling.runs:
            self.polling.start()

    def reset(self, seed: str) -> None:
        """Start again from the image, which is the state of every seed."""
        self.finish()
        shutil.rmtree(self.folder / "pg", ignore_errors=True)
        self.start()

    def captured(self, answers: list[Captured], secrets: Mapping[str, str]) -> tuple[Made, list[str]]:
        """Read the objects of a capture; list what is in no object."""
        return read(answers, secrets)

    def become(self, made: Made) -> list[str]:
        connection = {"url": "https://zabbix.invalid", "token": self.passwords[PISTE]}
        return written(made, partial(Straight, self.simulator), connection)

    def image(self) -> bytes:
        """Return nothing: the database keeps the state by itself."""
        return b""

    def state(self) -> Any:
        return None

    def finish(self) -> None:
        """Stop; the folder keeps the database."""
        if self.polling:
            self.polling.finish()
        if self._process is not None:
            lifeline.end(self._process)
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


def _free_place() -> tuple[str, int]:
    """Draw a loopback address where no client looks, and a free port of it."""
    with socket.create_server((drawn_address(), 0)) as free:
        address, port = free.getsockname()
        return address, port


def _answers(place: tuple[str, int]) -> bool:
    """True where the API answers with its version."""
    connection = http.client.HTTPConnection(*place, timeout=10)
    body = json.dumps({"jsonrpc": "2.0", "method": "apiinfo.version", "params": {}, "id": 1})
    try:
        connection.request("POST", API, body, {"Content-Type": "application/json-rpc"})
        return "result" in json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
