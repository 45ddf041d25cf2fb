"""Client of the JSON-RPC API of Zabbix 7.0.

Source: Zabbix 7.0 manual, API. A call is a POST whatever it does: its method says whether it writes. A refusal comes
with status 200 and an `error`. A list of objects is one transaction: all of it is done, or nothing. What depends on
the town's server is believed: [belief zabbix.branch], [belief zabbix.sees_all], [belief zabbix.batch],
[belief zabbix.refused_token].
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Rejected, Unreachable
from piste.engine.converge.reading import mapped, reading, text, whole
from piste.engine.converge.secrets import refuse_none
from piste.engine.transport.client import Client
from piste.engine.transport.lists import Lists
from piste.engine.transport.response import Response
from piste.engine.transport.shared import Shared, run_folder

PATH = "/api_jsonrpc.php"
RATE, PATIENCE = 10, 120
VERSION = (7, 0)
"""The branch whose manual our tables follow; another branch has other fields."""
SUPER = "3"
"""The type of the role that sees and writes everything: lists show an account what it may read, and hide the rest."""
type Read = tuple[str, Mapping[str, Any]]
"""A kind of the API, and what a read of it asks for."""
type KeyOf = Callable[[Mapping[str, Any]], str]
"""Names the object of a document of a list, as writes of that list name it."""
_OWN: Read = ("user", {"output": ["userid"], "selectRole": ["type"], "editable": True})
"""A read that shows all accounts to a super administrator, and to another no account but its own [`CUser::get`]."""
_READS = frozenset({"checkAuthentication", "get", "version", "export", "importcompare", "getsla", "getsli"})
_PASSING = (-32700, -32603)
"""Codes of a request that came cut, and of a frontend whose database did not answer (JSON-RPC 2.0, 5.1)."""
TRIES, PAUSE = 3, 1.0
"""Times that a read is sent to a Zabbix that answers so, and seconds before it is sent again."""
_EXPIRED = re.compile(r"not authori[sz]ed|session terminated|re-login|token (expired|disabled)", re.IGNORECASE)
_SHORT = 4096
"""Bytes of the longest answer that is looked at for an error alone."""
_POSITION = re.compile(r'"/(\d+)[/"]')


class Zabbix(Client):
    """Client of a Zabbix, for one process; an API token is its account."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        super().__init__(connection, "Zabbix", "piste_zabbix", key="url")
        self.shared = Shared(run or run_folder(), "zabbix")
        self.lists = Lists(self.shared)
        self.travel({}, self.limiter(self.shared, RATE), PATIENCE)
        refuse_none(self.root, connection.get("token"))
        self._headers = {"Authorization": f"Bearer {connection['token']}"}

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
            return [dict(mapped(document)) for document in whole(self.call(f"{what}.get", params))]

    def listed(self, name: str, reads: Mapping[str, Read]) -> list[dict[str, Any]]:
        """Read a list once a run; the first reads all lists that are not known, in one request."""
        return self.lists.once(name, reads, lambda lacking: self.read({other: reads[other] for other in lacking}))

    def renew(self, name: str, keys: Iterable[str], key_of: KeyOf, documents: Sequence[dict[str, Any]]) -> None:
        """Put what was read again of some objects in a list of the run, in the place of what it had."""
        again = {*keys}
        self.lists.renew(name, again, lambda document: key_of(document) in again, documents)

    def read(self, reads: Mapping[str, Read]) -> dict[str, list[dict[str, Any]]]:
        """Read several lists in one request (JSON-RPC 2.0, 6, *Batch*).

        They have no total: the request also asks whether the account sees everything, since an account without rights
        is answered an empty list.
        """
        asked = [*reads.values(), _OWN]
        calls = [
            {"jsonrpc": "2.0", "method": f"{what}.get", "params": dict(params), "id": number}
            for number, (what, params) in enumerate(asked)
        ]
        response = self._posted(calls, self._headers, reads=True)
        content = response.document()
        if isinstance(content, Mapping) and "error" in content:
            # The answer to a batch that is refused whole is one error.
            raise self._refusal("lecture des listes", content["error"], response)
        with reading(f"{self.host} lists"):
            answers = {answer["id"]: answer for answer in map(mapped, response.listing())}
            for number, (what, _) in enumerate(asked):
                if "error" in answers[number]:
                    raise self._refusal(f"{what}.get", answers[number]["error"], response)
            lists = [
                [dict(mapped(document)) for document in whole(answers[number]["result"])]
                for number in range(len(asked))
            ]
            self._vouch(lists[-1])
            return dict(zip(reads, lists, strict=False))

    def sees_all(self) -> None:
        """Check that the account sees every object. Raises `Unreachable`."""
        own, params = _OWN
        known = self.get(own, **params)
        with reading(f"{self.host} {own}"):
            self._vouch(known)

    def _vouch(self, accounts: Iterable[Mapping[str, Any]]) -> None:
        if not any(mapped(account.get("role")).get("type") == SUPER for account in accounts):
            raise Unreachable(
                "ne montre pas tout au compte de Piste : ce qui manque à ses listes peut exister",
                where=self.host,
                why="Ce compte n’y voit aucun compte du rôle « Super admin role », pas même le sien.",
                todo="Rendez-lui ce rôle (docs/supervision.md) ; piste doctor le vérifie.",
            )

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
        for attempt in range(1, TRIES + 1):
            response = self.transport.request(
                "POST", PATH, body=body, headers=headers, changes=not reads, retry_passing=reads
            )
            if response.status >= 400:
                raise Rejected(f"{PATH} : refusé ({response.status})", status=response.status, where=self.host)
            if not reads or attempt == TRIES or _code(response) not in _PASSING:
                break
            self.transport.clock.sleep(PAUSE * attempt)
        return response

    def _refusal(self, method: str, error: Any, response: Response) -> Exception:
        """Make the error of a refused call."""
        if not isinstance(error, Mapping):
            response.refuse("une erreur sans explication")
        why = str(error.get("data") or error.get("message") or "réponse sans explication")
        if error.get("code") in _PASSING and not response.write:
            todo = "Vérifiez l’interface web de Zabbix et sa base de données, puis relancez."
            return Unreachable(f"{method} : erreur interne", where=self.host, why=why, todo=todo)
        if _EXPIRED.search(why):
            return Unreachable(
                "refuse le jeton de l’API",
                where=self.host,
                why=why,
                todo="Vérifiez dans le coffre le jeton, sa fin, et que son compte est actif et peut appeler l’API.",
            )
        return Rejected(f"{method} : refusé", status=response.status, where=self.host, why=why)


def _code(response: Response) -> Any:
    """Code of an answer that is one error; None for another answer."""
    content = response.words() if len(response.body) < _SHORT else None
    error = content.get("error") if isinstance(content, Mapping) else None
    return error.get("code") if isinstance(error, Mapping) else None


def position(error: Rejected) -> int | None:
    """Read which object of a call was refused, from 0; None where the refusal does not say."""
    match = _POSITION.search(error.why)
    return int(match[1]) - 1 if match else None
