"""Client of the JSON-RPC API of Zabbix 7.0.

Source: Zabbix 7.0 manual, API. A call is a POST whatever it does: its method says whether it writes. A refusal comes
with status 200 and an `error`. A list of objects is one transaction: all of it is done, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from piste.converge.errors import Rejected, Unreachable
from piste.converge.reading import listed, mapped, reading, text
from piste.converge.secrets import refuse_none
from piste.transport.http import Endpoint, Transport
from piste.transport.response import Response
from piste.transport.shared import Limiter, Shared, run_folder

PATH = "/api_jsonrpc.php"
RATE = 10.0
VERSION = (7, 0)
"""The branch whose manual our tables follow; another branch has other fields."""
type Read = tuple[str, Mapping[str, Any]]
"""A kind of the API, and what a read of it asks for."""
_READS = frozenset({"checkAuthentication", "get", "version", "export", "importcompare", "getsla", "getsli"})
_EXPIRED = re.compile(r"not authori[sz]ed|session terminated|re-login|token (expired|disabled)", re.IGNORECASE)
_POSITION = re.compile(r'"/(\d+)[/"]')


class Zabbix:
    """Client of a Zabbix, for one process; an API token is its account."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        if not connection.get("url"):
            raise Unreachable(
                "aucune adresse n’est donnée pour Zabbix",
                todo="Au laboratoire, démarrez-le (piste lab up) ; ailleurs, renseignez piste_zabbix.url.",
            )
        self.shared = Shared(run or run_folder(), "zabbix")
        rate = connection.get("rate")
        allowed = RATE if rate is None else float(rate)
        self.transport = Transport(
            Endpoint(
                url=str(connection["url"]),
                headers={"User-Agent": "Piste/0.1 VilleDuBourget"},
                ca_file=str(connection.get("ca_file") or ""),
                proxy=str(connection.get("proxy") or ""),
                no_proxy=tuple(connection.get("no_proxy") or ()),
                timeout=float(connection.get("timeout") or 120),
            ),
            Limiter(self.shared, allowed, allowed),
        )
        refuse_none(str(connection["url"]), connection.get("token"))
        self._headers = {"Authorization": f"Bearer {connection['token']}"}

    @property
    def calls(self) -> dict[str, int]:
        return self.transport.calls

    @property
    def host(self) -> str:
        return urlsplit(self.transport.endpoint.url).hostname or ""

    def close(self) -> None:
        self.transport.close()

    def version(self) -> str:
        """Read the version of the server, which asks for no account."""
        return text(self._sent("apiinfo.version", {}, {}))

    def account(self) -> str:
        """Name the account of the token."""
        token = self._headers["Authorization"].partition(" ")[2]
        known = self._sent("user.checkAuthentication", {"token": token}, {})
        with reading(f"{self.host} user"):
            return text(mapped(known)["username"])

    def call(self, method: str, params: Any) -> Any:
        """Call a method and return its result. Raises `Rejected`."""
        return self._sent(method, params, self._headers)

    def get(self, what: str, **params: Any) -> list[dict[str, Any]]:
        """Read objects of a kind of the API."""
        with reading(f"{self.host} {what}"):
            return [dict(mapped(document)) for document in listed(self.call(f"{what}.get", params))]

    def listed(self, name: str, reads: Mapping[str, Read]) -> list[dict[str, Any]]:
        """Read a list once a run; the first reads all lists that are not known, in one request."""
        known = self.shared.get(name)
        if known is None:
            with self.shared.lock("lists"):
                lacking = [other for other in reads if self.shared.get(other) is None]
                for other, read in self._lists({other: reads[other] for other in lacking}).items():
                    self.shared.put(other, read)
            known = self.shared.get(name)
        documents: list[dict[str, Any]] = known
        return documents

    def _lists(self, reads: Mapping[str, Read]) -> dict[str, list[dict[str, Any]]]:
        """Read several lists in one request (JSON-RPC 2.0, 6, *Batch*)."""
        calls = [
            {"jsonrpc": "2.0", "method": f"{what}.get", "params": dict(params), "id": number}
            for number, (what, params) in enumerate(reads.values())
        ]
        response = self._posted(calls, self._headers, reads=True)
        with reading(f"{self.host} lists"):
            answers = {answer["id"]: answer for answer in map(mapped, response.listing())}
            for number, (what, _) in enumerate(reads.values()):
                if "error" in answers[number]:
                    raise self._refusal(f"{what}.get", answers[number]["error"], response)
            return {
                name: [dict(mapped(document)) for document in listed(answers[number]["result"])]
                for number, name in enumerate(reads)
            }

    def _sent(self, method: str, params: Any, headers: Mapping[str, str]) -> Any:
        reads = method.rpartition(".")[2] in _READS
        body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        response = self._posted(body, headers, reads=reads)
        content = response.mapping()
        if "error" in content:
            raise self._refusal(method, content["error"], response)
        if "result" not in content:
            response.refuse("il y manque result")
        return content["result"]

    def _posted(self, body: Any, headers: Mapping[str, str], *, reads: bool) -> Response:
        response = self.transport.request(
            "POST", PATH, body=body, headers=headers, changes=not reads, retry_passing=reads
        )
        if response.status >= 400:
            raise Rejected(f"{PATH} : refusé ({response.status})", status=response.status, where=self.host)
        return response

    def _refusal(self, method: str, error: Any, response: Response) -> Exception:
        """Make the error of a refused call."""
        if not isinstance(error, Mapping):
            response.refuse("une erreur sans explication")
        why = str(error.get("data") or error.get("message") or "réponse sans explication")
        if _EXPIRED.search(why):
            return Unreachable(
                "refuse le jeton de l’API",
                where=self.host,
                why=why,
                todo="Vérifiez dans le coffre le jeton, sa fin, et que son compte est actif et peut appeler l’API.",
            )
        return Rejected(f"{method} : refusé", status=response.status, where=self.host, why=why)


def position(error: Rejected) -> int | None:
    """Read which object of a call was refused, from 0; None where the refusal does not say."""
    match = _POSITION.search(error.why)
    return int(match[1]) - 1 if match else None
