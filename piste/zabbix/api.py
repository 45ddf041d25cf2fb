"""Client of the JSON-RPC API of Zabbix 7.0.

Source: Zabbix 7.0 manual, API. A call is a POST whatever it does: its method says whether it writes. A refusal comes
with status 200 and an `error`. A list of objects is one transaction: all of it is done, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import batched
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
CHUNK = 200
"""Objects of a write: 200 hosts take five seconds in one call, and 170 in calls of their own."""
RATE = 10.0
VERSION = (7, 0)
"""The branch whose manual our tables follow; another branch has other fields."""
_READS = frozenset({"get", "version", "export", "importcompare", "getsla", "getsli"})
_EXPIRED = re.compile(r"not authori[sz]ed|session terminated|re-login|token (expired|disabled)", re.IGNORECASE)
_POSITION = re.compile(r'"/(\d+)[/"]')


class Zabbix:
    """Client of a Zabbix, for one process; an API token is its account."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        if not connection.get("url"):
            raise Unreachable(
                "aucune adresse n'est donnée pour Zabbix",
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

    def call(self, method: str, params: Any) -> Any:
        """Call a method and return its result. Raises `Rejected`."""
        return self._sent(method, params, self._headers)

    def get(self, what: str, **params: Any) -> list[dict[str, Any]]:
        """Read objects of a kind of the API."""
        with reading(f"{self.host} {what}"):
            return [dict(mapped(document)) for document in listed(self.call(f"{what}.get", params))]

    def once(self, name: str, fetch: Callable[[], Any], *, fresh: bool = False) -> Any:
        """Read a list once a run."""
        if fresh:
            self.shared.forget(name)
        return self.shared.once(name, fetch)

    def write(self, method: str, objects: Sequence[Any], id_name: str) -> Iterator[tuple[Sequence[Any], list[str]]]:
        """Write objects by 200; yield the objects of each call with their ids."""
        for some in batched(objects, CHUNK):
            result = self.call(method, list(some))
            with reading(f"{self.host} {method}"):
                yield some, [text(id_) for id_ in listed(mapped(result)[id_name])]

    def _sent(self, method: str, params: Any, headers: Mapping[str, str]) -> Any:
        reads = method.rpartition(".")[2] in _READS
        body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        response = self.transport.request(
            "POST", PATH, body=body, headers=headers, changes=not reads, retry_passing=reads
        )
        if response.status >= 400:
            raise Rejected(f"{method} : refusé ({response.status})", status=response.status, where=self.host)
        content = response.mapping()
        if "error" in content:
            raise self._refusal(method, content["error"], response)
        if "result" not in content:
            response.refuse("il y manque result")
        return content["result"]

    def _refusal(self, method: str, error: Any, response: Response) -> Exception:
        """Make the error of a refused call."""
        if not isinstance(error, Mapping):
            response.refuse("une erreur sans explication")
        why = str(error.get("data") or error.get("message") or "réponse sans explication")
        if _EXPIRED.search(why):
            return Unreachable(
                "refuse le jeton de l'API",
                where=self.host,
                why=why,
                todo="Vérifiez dans le coffre le jeton, sa fin, et que son compte est actif et peut appeler l'API.",
            )
        return Rejected(f"{method} : refusé", status=response.status, where=self.host, why=why)


def position(error: Rejected) -> int | None:
    """Read which object of a call was refused, from 0; None where the refusal does not say."""
    match = _POSITION.search(error.why)
    return int(match[1]) - 1 if match else None
