"""The legacy API of GLPI, where the town allows it: what the High-Level API does not write.

Source: `apirest.md` of GLPI. It promises no stability between versions: each table is read back after a write.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from piste.engine.converge.errors import Misused, Unreachable
from piste.engine.converge.reading import reading
from piste.engine.converge.secrets import refuse_none
from piste.engine.converge.values import coerce
from piste.engine.transport.response import Response, rejected
from piste.systems.glpi.client import Document, Glpi

PAGE = 1000
_RANGE = re.compile(r"(\d+)-(\d+)/(\d+)")


class Legacy:
    """Tables of the legacy API, over the connection of a client."""

    def __init__(self, glpi: Glpi) -> None:
        self.glpi = glpi
        self._session = ""

    def _opened(self) -> str:
        self._session = self._session or str(self.glpi.shared.once("legacy-session", self._open))
        return self._session

    def _open(self) -> str:
        tokens = {name: str(self.glpi.connection.get(name) or "") for name in ("user_token", "app_token")}
        if not all(tokens.values()):
            raise Misused(
                "les jetons de l’ancienne API manquent",
                where=self.glpi.host,
                todo="Renseignez user_token et app_token (piste_glpi), ou retirez glpi.legacy de la déclaration.",
            )
        refuse_none(self.glpi.root, *tokens.values())
        headers = {"Authorization": f"user_token {tokens['user_token']}", "App-Token": tokens["app_token"]}
        response = self.glpi.transport.request("GET", "/api.php/v1/initSession", headers=headers)
        if response.status >= 400:
            raise Unreachable(
                f"refuse d’ouvrir une session de l’ancienne API ({response.status})",
                where=self.glpi.host,
                why=_said(response),
                todo="Dans GLPI, Configuration > Générale > API : activez l’ancienne API, vérifiez ses deux jetons.",
            )
        return str(response.mapping("session_token")["session_token"])

    def request(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None, form: str = "",
    ) -> Response:  # fmt: skip
        headers = {"Session-Token": self._opened(), "App-Token": str(self.glpi.connection.get("app_token") or "")}
        if form:
            headers["Content-Type"] = form
        response = self.glpi.transport.request(
            method, f"/api.php/v1/{path}", query=query, body=body, headers=headers, retry_passing=method != "POST"
        )
        if response.status >= 400:
            raise rejected(response, f"{method} {path}", _said(response))
        return response

    def all(self, table: str, *, fresh: bool = False) -> list[Document]:
        """Read every row of a table, once a run."""
        if fresh:
            self.glpi.shared.forget(f"legacy-{table}")
        rows: list[Document] = self.glpi.shared.once(f"legacy-{table}", lambda: self._whole(table))
        return rows

    def named(self, table: str, name: str) -> list[Document]:
        """Read the rows of a table that have exactly a name: GLPI searches what holds it."""
        return [row for row in self._whole(table, {"searchText[name]": name}) if row.get("name") == name]

    def _whole(self, table: str, asked: Mapping[str, str] | None = None) -> list[Document]:
        rows: dict[int, Document] = {}
        start = 0
        while True:
            response = self.request("GET", table, query={"range": f"{start}-{start + PAGE - 1}", **(asked or {})})
            page = response.listing()
            match = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if match is None and (page or response.status == 206):
                response.refuse("l’en-tête Content-Range est attendu")
            total = int(match[3]) if match else 0
            with reading(f"{self.glpi.host} {table}"):
                rows |= {int(coerce("int", row["id"])): row for row in page}
            start += len(page)
            if not page or start >= total:
                if len(rows) != total:
                    response.refuse(f"{total} lignes sont annoncées, {len(rows)} sont lues")
                return list(rows.values())

    def create(self, table: str, row: Mapping[str, Any]) -> None:
        self.request("POST", table, body={"input": row}).mapping("id")

    def upload(self, row: Mapping[str, Any], file: str, content: bytes) -> None:
        """Create a document with its file. Source: `apirest.md`, upload a document file."""
        edge = hashlib.sha256(content).hexdigest()
        manifest = json.dumps({"input": {**row, "_filename": [file]}}).encode()
        parts = (
            (b'name="uploadManifest"', b"application/json", manifest),
            (f'name="filename[0]"; filename="{file}"'.encode(), b"application/pdf", content),
        )
        body = b"".join(
            b"--%b\r\nContent-Disposition: form-data; %b\r\nContent-Type: %b\r\n\r\n%b\r\n" % (edge.encode(), *part)
            for part in parts
        )
        form = f"multipart/form-data; boundary={edge}"
        self.request("POST", "Document", body=body + f"--{edge}--\r\n".encode(), form=form).mapping("id")

    def update(self, table: str, row_id: int, row: Mapping[str, Any]) -> None:
        self.request("PUT", f"{table}/{int(row_id)}", body={"input": row}).listing()


def _said(response: Response) -> str:
    words = response.words()
    return " : ".join(str(word)[:300] for word in words[:2]) if isinstance(words, list) else ""
