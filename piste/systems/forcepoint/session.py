"""Session with the SMC, opened by the first task that needs it, closed with the run.

Its token lies in the run's folder, which only its owner reads. According to its version and scheme, an SMC recognises
a session by a cookie or by a header `Authorization`: we send back what it gave.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Unreachable
from piste.engine.transport.http import Endpoint, Transport
from piste.engine.transport.response import Response
from piste.engine.transport.shared import Shared

FILE = "session"
_COOKIE = re.compile(r"JSESSIONID=([^;,\s]+)")
HURRY = 5.0
"""Seconds to wait for the answer to a logout: an outage does not delay the end of a run."""


class Session:
    """The run's session with one SMC, for one process of it."""

    def __init__(self, shared: Shared, transport: Transport, connection: Mapping[str, Any]) -> None:
        self._shared, self._transport, self._connection = shared, transport, connection
        self._base = f"{transport.endpoint.url.rstrip('/')}/{connection['api_version']}"

    def headers(self, refused: Mapping[str, str] | None = None) -> dict[str, str]:
        """Headers of the session; opens a session if there is none, or if these were `refused`."""
        known: dict[str, Any] = {}

        def change(record: Any) -> Any:
            nonlocal known
            known = record if record and record["headers"] != refused else self._login()
            return known

        self._shared.update(FILE, change)
        return dict(known["headers"])

    def _login(self) -> dict[str, Any]:
        given, at = self._connection, self._transport.endpoint
        domain = str(given.get("domain") or "")
        if given.get("login"):
            query = {"login": given["login"], "pwd": given.get("password") or ""}
            query |= {"domain": domain} if domain else {}
            response = self._transport.request(
                "POST", f"{self._base}/lms_login", query=query, body={}, retry_passing=True, changes=False
            )
        else:
            body = {"authenticationkey": str(given.get("api_key") or "")} | ({"domain": domain} if domain else {})
            response = self._transport.request(
                "POST", f"{self._base}/login", body=body, retry_passing=True, changes=False
            )
        headers = shown(response)
        if response.status != 200 or not headers:
            raise Unreachable(
                f"refuse l’ouverture d’une session ({response.status})",
                where=at.url,
                todo="Vérifiez la clé (coffre), que le client d’API est actif dans le SMC, et son domaine.",
            )
        place = {"ca_file": at.ca_file, "proxy": at.proxy, "no_proxy": list(at.no_proxy)}
        return {"headers": headers, "logout": f"{self._base}/logout", "url": at.url, **place}


def shown(response: Response) -> dict[str, str]:
    """Headers that an answer to a login gives to send back; empty where it gives none."""
    token, match = response.headers.get("authorization"), _COOKIE.search(response.headers.get("set-cookie", ""))
    cookie = {"Cookie": f"JSESSIONID={match[1]}"} if match else {}
    return {**cookie, "Authorization": token} if token else cookie


def close_sessions(folder: Path, transport: type[Transport] = Transport) -> None:
    """Close every session left in the folder of a run."""
    for path in sorted(folder.glob(f"smc-*/{FILE}.json")):
        with suppress(Exception):
            record = json.loads(path.read_text(encoding="utf-8"))
            line = transport(
                Endpoint(
                    url=record["url"],
                    headers=record["headers"],
                    ca_file=record["ca_file"],
                    proxy=record["proxy"],
                    no_proxy=tuple(record["no_proxy"]),
                    timeout=HURRY,
                    system="smc",
                )
            )
            line.attempts, line.patience = 1, HURRY
            try:
                line.request("PUT", record["logout"])
            finally:
                line.close()
        path.unlink(missing_ok=True)
