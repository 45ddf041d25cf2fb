"""The legacy API (`/api.php/v1`): what the High-Level API does not write.

Source: `apirest.md` of GLPI: sessions, ranges, `input`; errors are arrays of a code and a text.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

from lab.glpi.behaviour import Behaviour
from lab.glpi.items import Items
from lab.glpi.world import Json
from lab.http import Request, Response, json_response

TABLES: dict[str, frozenset[str]] = {
    "Infocom": frozenset({
        "itemtype", "items_id", "buy_date", "use_date", "warranty_date", "warranty_duration", "warranty_info",
        "decommission_date", "suppliers_id", "comment",
    }),
    "ImpactRelation": frozenset({
        "itemtype_source", "items_id_source", "itemtype_impacted", "items_id_impacted",
    }),
    "Contract_Item": frozenset({"contracts_id", "itemtype", "items_id"}),
    "Document": frozenset({"name", "filename", "sha1sum", "mime"}),
    "Document_Item": frozenset({"documents_id", "itemtype", "items_id"}),
    "TicketSatisfaction": frozenset({"tickets_id", "type", "date_begin", "date_answered", "satisfaction"}),
}  # fmt: skip
"""The itemtypes that this simulator serves, with their columns."""
_PARTS = {"warranty_date": "date_warranty", "decommission_date": "date_decommission", "buy_date": "date_buy",
          "use_date": "date_use", "warranty_duration": "warranty_duration"}  # fmt: skip
_RANGE = re.compile(r"(\d+)-(\d+)")


class Legacy:
    """The legacy API: its sessions, and the tables that it serves."""

    def __init__(self, items: Items, behaviour: Behaviour, user_token: str, app_token: str) -> None:
        self._items, self._behaviour = items, behaviour
        self.user_token, self.app_token = user_token, app_token
        self._sessions: set[str] = set()

    def infocom(self, itemtype: str, item_id: int) -> Json | None:
        """Show the finance of an item in the form of the High-Level API."""
        for row in self._items.world.of("Infocom").values():
            if (row["itemtype"], row["items_id"]) == (itemtype, item_id):
                return {"id": row["id"], **{name: row.get(column) for column, name in _PARTS.items()}}
        return None

    def answer(self, request: Request, path: str) -> Response:
        if not self._behaviour.legacy:
            return _fault(400, "ERROR_API_DISABLED", "API disabled")
        if path == "initSession":
            return self._open(request)
        if request.header("App-Token") != self.app_token:
            return _fault(400, "ERROR_APP_TOKEN_PARAMETERS_MISSING", "missing parameter(s): App-Token")
        session = request.header("Session-Token")
        if session not in self._sessions:
            return _fault(401, "ERROR_SESSION_TOKEN_INVALID", "session_token seems invalid")
        if path == "killSession":
            self._sessions.discard(session)
            return json_response(200, True)
        name, _, item_id = path.partition("/")
        if name not in TABLES:
            return _fault(400, "ERROR_RESOURCE_NOT_FOUND_NOR_COMMONDBTM", "resource not found")
        if name in self._behaviour.forbidden or (self._behaviour.read_only and request.method != "GET"):
            return _fault(403, "ERROR_RIGHT_MISSING", "You don't have permission to perform this action.")
        return self._row(request, name, item_id)

    def _open(self, request: Request) -> Response:
        given = request.header("Authorization") == f"user_token {self.user_token}"
        if request.header("App-Token") != self.app_token:
            return _fault(400, "ERROR_WRONG_APP_TOKEN_PARAMETER", "parameter app_token seems wrong")
        if not given:
            return _fault(401, "ERROR_GLPI_LOGIN_USER_TOKEN", "user_token seems invalid")
        session = secrets.token_urlsafe(20)
        self._sessions.add(session)
        return json_response(200, {"session_token": session})

    def _row(self, request: Request, name: str, item_id: str) -> Response:
        rows = self._items.world.of(name)
        if request.method == "GET" and not item_id:
            sought = request.query.get("searchText[name]", [""])[0].casefold()
            return self._page(request, [row for row in rows.values() if sought in str(row.get("name", "")).casefold()])
        if request.method == "POST" and name == "Document":
            return self._upload(request)
        if request.method == "POST" and not item_id:
            row = self._items.world.add(name, self._input(request, name))
            return json_response(201, {"id": row["id"], "message": ""}, {"Location": f"/{name}/{row['id']}"})
        row_id = int(item_id) if item_id.isdecimal() else 0
        if row_id not in rows:
            return _fault(404, "ERROR_ITEM_NOT_FOUND", "Item not found")
        if request.method == "GET":
            return json_response(200, rows[row_id])
        if request.method in ("PUT", "PATCH"):
            rows[row_id].update(self._input(request, name))
            return json_response(200, [{str(row_id): True, "message": ""}])
        if request.method == "DELETE":
            del rows[row_id]
            return json_response(200, [{str(row_id): True, "message": ""}])
        return _fault(400, "ERROR_BAD_ARRAY", "bad method")

    def _upload(self, request: Request) -> Response:
        """Create a document from the parts of a form, and attach it where its manifest says so."""
        kind = request.header("Content-Type")
        form = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.body, policy=HTTP)
        parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
        if {*parts} != {"uploadManifest", "filename[0]"}:
            return _fault(400, "ERROR_JSON_PAYLOAD_INVALID", "uploadManifest and filename[0] are expected")
        given = json.loads(parts["uploadManifest"].get_content())["input"]
        file = parts["filename[0]"]
        if given["_filename"] != [file.get_filename()]:
            return _fault(400, "ERROR_GLPI_ADD", "File not found")
        content = file.get_payload(decode=True)
        row = {"name": given["name"], "filename": file.get_filename(), "mime": file.get_content_type()}
        world = self._items.world
        made = world.add("Document", {**row, "sha1sum": hashlib.sha1(content, usedforsecurity=False).hexdigest()})
        if given.get("items_id"):
            link = {"documents_id": made["id"], "itemtype": given["itemtype"], "items_id": given["items_id"]}
            world.add("Document_Item", link)
        return json_response(201, {"id": made["id"], "message": "", "upload_result": {"filename": []}})

    def _input(self, request: Request, name: str) -> Json:
        try:
            given = json.loads(request.body)["input"]
        except (ValueError, KeyError, TypeError):
            given = {}
        return {column: value for column, value in given.items() if column in TABLES[name]}

    def _page(self, request: Request, rows: list[Any]) -> Response:
        match = _RANGE.fullmatch(request.query.get("range", ["0-49"])[0])
        first, last = (int(match[1]), int(match[2])) if match else (0, 49)
        if first and first >= len(rows):
            return _fault(400, "ERROR_RANGE_EXCEED_TOTAL", f"Provided range exceed total count of data: {len(rows)}")
        page = rows[first : last + 1]
        end = first + max(0, len(page) - 1)
        return json_response(
            200 if len(page) == len(rows) else 206, page, {"Content-Range": f"{first}-{end}/{len(rows)}"}
        )


def _fault(status: int, code: str, text: str) -> Response:
    return json_response(status, [code, text])
