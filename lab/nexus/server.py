"""The SSH server of the simulated Nexus switches: a port and a host key for each."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import paramiko

from lab.beyond import Captured
from lab.calls import Calls, Entry
from lab.clock import Clock
from lab.faults import Fault, Faults
from lab.nexus.captured import configs_of
from lab.nexus.configuration import Config
from lab.nexus.terminal import Terminal
from lab.state import private_folder, read_json, write_json

SYSTEM = "nexus"
PAGE = "--More--"
_LONGEST_LINE = 4096
logging.getLogger("paramiko").setLevel(logging.CRITICAL)


class Nexus:
    """The switches of a lab, listening until `close`.

    `configs` gives the configuration of each; `accounts` the password and the role of each account. Faults strike a
    command (method `SSH`): `cut` closes the connection in the middle of the answer, `status` answers `body` instead.
    `heard` has every line that came, with its switch.
    """

    def __init__(
        self,
        folder: Path,
        configs: Mapping[str, Config],
        accounts: Mapping[str, tuple[str, str]],
        *,
        clock: Clock | None = None,
        calls: Calls | None = None,
    ) -> None:
        self.folder, self.accounts = private_folder(folder), dict(accounts)
        self.configs: dict[str, Config] = read_json(folder / "configurations.json") or dict(configs)
        self.clock, self.calls, self.faults = clock or Clock(), calls or Calls(), Faults()
        self.calls.of(SYSTEM)
        self.heard: list[tuple[str, str]] = []
        self.lock = threading.RLock()
        self.keys = {name: self._key(name) for name in self.configs}
        self._sockets: dict[str, socket.socket] = {}
        self._open: set[paramiko.Transport] = set()

    def start(self) -> Nexus:
        for name in self.configs:
            listener = socket.create_server(("127.0.0.1", 0))
            self._sockets[name] = listener
            threading.Thread(target=self._listen, args=(name, listener), daemon=True).start()
        return self

    @property
    def ports(self) -> dict[str, int]:
        return {name: listener.getsockname()[1] for name, listener in self._sockets.items()}

    @property
    def host_keys(self) -> dict[str, str]:
        return {name: f"{key.get_name()} {key.get_base64()}" for name, key in self.keys.items()}

    def reset(self, configs: Mapping[str, Config]) -> None:
        with self.lock:
            self.configs.clear()
            self.configs.update(configs)
            self.heard.clear()
            self.faults.clear()
            self.save()

    def captured(self, answers: list[Captured], secrets: Mapping[str, str]) -> tuple[dict[str, Config], list[str]]:
        """Build the configurations of captured switches; list what was left."""
        return configs_of(answers, self.configs)

    def become(self, configs: Mapping[str, Config]) -> list[str]:
        self.reset({**self.configs, **configs})
        return []

    def save(self) -> None:
        with self.lock:
            write_json(self.folder / "configurations.json", self.configs)

    def close(self) -> None:
        for listener in self._sockets.values():
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for transport in list(self._open):
            transport.close()
        self.save()

    def _key(self, name: str) -> paramiko.PKey:
        path = self.folder / f"{name}.key"
        if not path.exists():
            paramiko.ECDSAKey.generate().write_private_key_file(str(path))
        return paramiko.ECDSAKey.from_private_key_file(str(path))

    def _listen(self, name: str, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(name, connection), daemon=True).start()

    def _serve(self, name: str, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        self._open.add(transport)
        try:
            transport.add_server_key(self.keys[name])
            guard = _Guard(self.accounts)
            transport.start_server(server=guard)
            channel = transport.accept(20)
            if channel is not None and guard.shell.wait(20):
                self._talk(name, channel, guard.username)
        except (paramiko.SSHException, EOFError, OSError):
            pass  # A client that goes away is no event of the lab.
        finally:
            transport.close()
            self._open.discard(transport)

    def _talk(self, name: str, channel: paramiko.Channel, username: str) -> None:
        roles = {account: role for account, (_, role) in self.accounts.items()}
        terminal = Terminal(self.configs[name], roles[username], roles, self._hour)
        send(channel, f"Cisco Nexus Operating System (NX-OS) Software\n\n{terminal.prompt}")
        for line in _Lines(channel):
            with self.lock:
                terminal.config = self.configs[name]
                self.heard.append((name, line))
                effects = self.faults.on_request("SSH", line)
                answer = terminal.answer(line)
                kind = "read" if terminal.block is None else "write"
                self.calls.record(Entry(SYSTEM, kind, "SSH", f"{name} {line}", 0, self.clock.now(), username))
            if any(map(_cuts, effects)):
                send(channel, f"{line}\n{answer[: len(answer) // 2]}")
                return
            answer = next((effect.body or "" for effect in effects if effect.kind == "status"), answer)
            send(channel, f"{line}\n")
            if not _paged(channel, answer, terminal.length):
                return
            if terminal.over:
                return
            send(channel, terminal.prompt)

    def _hour(self) -> str:
        return str(self.clock.now())


def _cuts(effect: Fault) -> bool:
    return effect.kind == "cut"


def send(channel: paramiko.Channel, text: str) -> None:
    channel.sendall(text.replace("\n", "\r\n").encode())


def _paged(channel: paramiko.Channel, answer: str, length: int) -> bool:
    """Send an answer, a page at a time; return whether the client is still there."""
    lines = answer.splitlines()
    while length and len(lines) > length - 1:
        send(channel, "\n".join([*lines[: length - 1], PAGE]))
        lines = lines[length - 1 :]
        key = channel.recv(1)
        if not key:
            return False
        send(channel, "\r" + " " * len(PAGE) + "\r")
        if key in (b"q", b"Q"):
            return True
    if lines:
        send(channel, "\n".join(lines) + "\n")
    return True


class _Lines:
    """The lines that a client types; `\\r` or `\\n` ends each."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel, self._heard = channel, b""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        while not (ends := [at for end in (b"\n", b"\r") if (at := self._heard.find(end)) >= 0]):
            part = self._channel.recv(1024)
            if not part or len(self._heard) > _LONGEST_LINE:
                raise StopIteration
            self._heard += part
        line, self._heard = self._heard[: min(ends)], self._heard[min(ends) + 1 :]
        return line.decode("utf-8", "replace").strip()


class _Guard(paramiko.ServerInterface):
    """The accounts of a switch."""

    def __init__(self, accounts: Mapping[str, tuple[str, str]]) -> None:
        self._accounts, self.username, self.shell = accounts, "", threading.Event()

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self.username = username
        known = self._accounts.get(username)
        return paramiko.AUTH_SUCCESSFUL if known and known[0] == password else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(self, *given: Any) -> bool:
        return True

    def check_channel_window_change_request(self, *given: Any) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self.shell.set()
        return True
