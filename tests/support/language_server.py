"""A client of a YAML language server: it opens, changes and questions files as editors do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any


class LanguageServer:
    """A running server over a folder, set up by the settings of an editor."""

    def __init__(self, command: Sequence[str], folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self.settings = settings
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.asked = 0
        self.versions: dict[str, int] = {}
        root = folder.as_uri()
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {"publishDiagnostics": {"relatedInformation": False}, "hover": {}, "completion": {}},
        }
        folders = [{"uri": root, "name": "town"}]
        given = {"processId": None, "rootUri": root, "workspaceFolders": folders, "capabilities": capabilities}
        self.ask("initialize", given)
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": {}})

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def edit(self, file: str, text: str) -> list[tuple[int, str]]:
        """Give a file a text; return its faults: line from 1, message."""
        uri = (self.folder / file).as_uri()
        version = self.versions[file] = self.versions.get(file, 0) + 1
        document = {"uri": uri, "version": version}
        if version == 1:
            self.notify("textDocument/didOpen", {"textDocument": {**document, "languageId": "yaml", "text": text}})
        else:
            self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        while True:
            message = self._read()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri:
                faults = message["params"]["diagnostics"]
                return [(fault["range"]["start"]["line"] + 1, fault["message"]) for fault in faults]

    def complete(self, file: str, line: int, column: int) -> list[str]:
        """List what is proposed at a place, line from 1 and column from 0."""
        answer = self.ask("textDocument/completion", self._place(file, line, column))
        items = answer["items"] if isinstance(answer, dict) else answer or []
        return [item["label"] for item in items]

    def hover(self, file: str, line: int, column: int) -> str:
        answer = self.ask("textDocument/hover", self._place(file, line, column))
        return str(answer["contents"]["value"]) if answer else ""

    def _place(self, file: str, line: int, column: int) -> dict[str, Any]:
        position = {"line": line - 1, "character": column}
        return {"textDocument": {"uri": (self.folder / file).as_uri()}, "position": position}

    def ask(self, method: str, params: Any) -> Any:
        self.asked += 1
        self._send({"id": self.asked, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self.asked and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """Read the next message; answer the questions of the server."""
        assert self.process.stdout
        length = 0
        while (header := self.process.stdout.readline()) not in (b"\r\n", b""):
            name, _, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has stopped"
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if "id" in message and "method" in message:
            asked = message["method"] == "workspace/configuration"
            sections = message["params"]["items"] if asked else []
            self._send({"id": message["id"], "result": [self._section(item["section"]) for item in sections]})
        return message

    def _section(self, name: str) -> dict[str, Any]:
        """Give the settings of a section, `yaml`, nested as an editor gives them."""
        section: dict[str, Any] = {}
        for key, value in self.settings.items():
            first, *inner = key.split(".")
            if first == name:
                place = section
                for part in inner[:-1]:
                    place = place.setdefault(part, {})
                place[inner[-1]] = value
        return section
