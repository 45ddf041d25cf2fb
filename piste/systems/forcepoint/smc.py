"""Client of the SMC API: pinned version, shared session, strict If-Match, lists read once.

Source: the SMC API guide ("Log in", "Update an element", "Delete an element"), and three clients of this API.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from piste.engine.converge.errors import AnswerLost, Conflict, Misused, Rejected, Unreachable
from piste.engine.converge.reading import listed, reading, text
from piste.engine.converge.secrets import refuse_none
from piste.engine.converge.values import coerce
from piste.engine.transport.client import Client
from piste.engine.transport.response import Response, rejected
from piste.engine.transport.shared import Shared, run_folder
from piste.systems.forcepoint import references, versions
from piste.systems.forcepoint.refusals import way_out
from piste.systems.forcepoint.session import Session

T = TypeVar("T")
R = TypeVar("R")

READERS = 8
"""Threads that read a rule base: the SMC has no documented bulk read, a list of 500 rules is 501 requests."""
BUSY = "Database problem"
"""Text of an SMC whose database is busy at this moment; some final refusals have it too [documented]."""
NULLS = frozenset({"automatic_proxy", "match_vpn_options"})
"""Attributes that the vendor's library sends as null [read in vendor code]."""
TRIES, PAUSE = 4, 0.5
"""Times that a write is sent to a busy SMC, and seconds before it is sent again."""


class Smc(Client):
    """Client of one SMC, administrative domain and version of the API, for one process."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        super().__init__(connection, "le SMC", "piste_smc", key="url")
        refuse_none(self.root, connection.get("api_key"), connection.get("password"))
        self.version = str(connection["api_version"])
        place = f"{self.root} {connection.get('domain') or ''} {self.version}"
        self.shared = Shared(run or run_folder(), f"smc-{hashlib.sha256(place.encode()).hexdigest()[:12]}")
        self.travel({})
        self.session = Session(self.shared, self.transport, connection)
        self._headers: dict[str, str] = {}
        self._lists: dict[str, dict[str, str]] = {}
        self._names: dict[str, dict[str, str]] = {}

    @cached_property
    def api(self) -> versions.Version:
        """Pinned version of the API. Raises `Misused` where it is not a version."""
        try:
            return versions.parsed(self.version)
        except ValueError:
            raise Misused(
                f"« {self.version} » n’est pas une version de l’API du SMC",
                where=self.host,
                todo="Donnez-la dans api_version (piste_smc), comme 7.4.",
            ) from None

    # asked once a run

    def offered(self) -> list[str]:
        """Versions of the API that the SMC offers; asked without a session."""
        response = self.transport.request("GET", "/api")
        with reading(f"{self.host}/api"):
            return [text(entry["rel"]) for entry in listed(response.mapping("version")["version"])]

    @cached_property
    def entry_points(self) -> dict[str, str]:
        """Path of each list of the API, by name. Raises `Misused` where the SMC lacks our version."""
        return dict(self.shared.once("entry-points", self._enter))

    def _enter(self) -> dict[str, str]:
        offered = self.offered()
        if self.version not in offered:
            raise Misused(
                f"le SMC n’offre pas la version {self.version} de son API",
                where=self.host,
                why=f"Versions offertes : {', '.join(offered) or 'aucune'}. Aucune autre n’est prise à sa place.",
                todo="Corrigez api_version (piste_smc).",
            )
        path = f"/{self.version}/api"
        with reading(f"{self.host}{path}"):
            content = self.request("GET", path).mapping("entry_point")
            return {text(entry["rel"]): references.path_of(entry["href"]) for entry in listed(content["entry_point"])}

    @cached_property
    def smc_version(self) -> versions.Version:
        """Version of the SMC itself, or of the API where unknown. Raises as `entry_points` does."""
        _ = self.entry_points
        answer = self.shared.once("smc-version", lambda: self.get(f"/{self.version}/system/smc_version") or {})
        try:
            return versions.parsed(str(answer["value"]))
        except (KeyError, TypeError, ValueError):
            return self.api

    # requests

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        retry: bool | None = None,
        changes: bool | None = None,
    ) -> Response:
        """Send one request within the session; open an expired session again, once."""
        path = references.path_of(path)  # never to another host than ours, whatever address the SMC gives
        shown = self._headers or self.session.headers()
        for attempt in (1, 2):
            self._headers = shown
            asked = {**shown, **(headers or {})}
            response = self.transport.request(
                method, path, query=query, body=body, headers=asked, retry_passing=retry, changes=changes
            )
            if response.status != 401 or attempt == 2:
                break
            shown = self.session.headers(refused=shown)
        if response.status == 401:
            raise Unreachable("refuse la session qu’il vient d’ouvrir (401)", where=self.host)
        return response

    def read(self, path: str, query: Mapping[str, Any] | None = None) -> Response | None:
        """Read an answer; None where there is nothing."""
        response = self.request("GET", path, query=query)
        if response.status == 404:
            return None
        if response.status >= 400:
            raise _refusal(response, f"GET {references.path_of(path)}")
        return response

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Read a document that is an object; None where there is nothing."""
        response = self.read(path, query)
        return None if response is None else response.mapping()

    def results(self, path: str) -> list[Any] | None:
        """Read the entries of a list; None where there is nothing."""
        response = self.read(path)
        return None if response is None else _results(response)

    def documents(self, paths: Iterable[str]) -> list[dict[str, Any] | None]:
        """Read several objects at once, each with its ETag as `etag`; None for a gone object."""
        return self.map(self.document, paths)

    def document(self, path: str) -> dict[str, Any] | None:
        response = self.read(path)
        if response is None:
            return None
        content = response.mapping("link")
        etag = response.headers.get("etag") or content.get("etag")
        if not isinstance(etag, str) or not etag:
            response.refuse("il y manque l’ETag")
        return {**content, "etag": etag}

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Map `work` over `items`, in order, on threads that end before this returns."""
        todo = list(items)
        if todo and not self._headers:
            self._headers = self.session.headers()
        return self.transport.map(work, todo, READERS)

    def post(self, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Response:
        """Create or order something; send it again if the database was busy: nothing was done."""
        return self._write("POST", path, body, query)

    def create(self, path: str, body: Any, query: Mapping[str, Any] | None = None) -> str:
        """Create an object; return its path."""
        response = self.post(path, body, query)
        place = references.path_of(response.headers.get("location", ""))
        if not place:
            response.refuse("il y manque l’adresse de ce qui est créé")
        return place

    def put(self, path: str, body: Mapping[str, Any], etag: str) -> None:
        """Write a whole object if it is still as read. Raises `Conflict`."""
        self._conditional("PUT", path, {name: value for name, value in body.items() if name != "etag"}, etag)

    def order(self, path: str, query: Mapping[str, Any]) -> None:
        """Order something of an object, whatever its version."""
        self._write("PUT", path, None, query)

    def delete(self, path: str, etag: str) -> None:
        """Remove an object if it is still as read, or is gone already. Raises `Conflict`."""
        self._conditional("DELETE", path, None, etag)

    def _conditional(self, method: str, path: str, body: Mapping[str, Any] | None, etag: str) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                self._write(method, path, body, None, {"If-Match": etag})
                return
            except AnswerLost:
                if attempt == TRIES:
                    raise
                now = self.document(path)
                if now is None and method == "DELETE":
                    return
                if now is None or now["etag"] != etag:
                    raise  # our write, or somebody else's: the walk reads again
                self.clock.sleep(PAUSE * attempt)
            except Rejected as error:
                if method == "DELETE" and error.status == 404:
                    return
                raise

    def _write(
        self,
        method: str,
        path: str,
        body: Any,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        for attempt in range(1, TRIES + 1):
            response = self.request(method, path, query=query, body=stated(body), headers=headers, retry=False)
            why = explain(response) if response.status >= 400 else ""
            if BUSY not in why or attempt == TRIES:
                break
            self.clock.sleep(PAUSE * attempt)
        if response.status in (409, 412) and "ETag" in why:
            raise Conflict(
                f"{method} {references.path_of(path)} : modifié par quelqu’un d’autre depuis la lecture",
                where=self.host,
                todo="Relancez pour planifier sur l’état actuel.",
            )
        if response.status >= 400:
            raise _refusal(response, f"{method} {references.path_of(path)}")
        return response

    # names

    def listing(self, kind: str, *, fresh: bool = False) -> dict[str, str]:
        """Path of each object of a type, by name, read once a run.

        The second object of a name is listed as `name #2`, and so on.
        """
        if fresh:
            self._lists.pop(kind, None)
            self._names.pop(kind, None)
            self.shared.forget(f"list-{kind}")
        if kind not in self._lists:
            self._lists[kind] = dict(self.shared.once(f"list-{kind}", lambda: self._list(kind)))
        return self._lists[kind]

    def _list(self, kind: str) -> dict[str, str]:
        if kind not in self.entry_points:
            return {}
        paths: dict[str, str] = {}
        place = self.entry_points[kind]
        with reading(f"{self.host}{place}"):
            for entry in _results(self.request("GET", place)):
                name = text(entry["name"])
                again = sum(1 for known in paths if known == name or known.startswith(f"{name} #"))
                paths[f"{name} #{again + 1}" if again else name] = references.path_of(entry["href"])
        return paths

    def learn(self, kind: str, name: str, path: str) -> None:
        """Enter a new object in the list of the run."""
        self._note(kind, lambda known: {**known, name: path})

    def unlearn(self, kind: str, name: str) -> None:
        self._note(kind, lambda known: {known_name: path for known_name, path in known.items() if known_name != name})

    def _note(self, kind: str, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        self.shared.update(f"list-{kind}", lambda known: None if known is None else change(known))
        self._names.pop(kind, None)
        if kind in self._lists:
            self._lists[kind] = change(self._lists[kind])

    def path(self, ref: str) -> str:
        """Path of `type/name`; empty where it does not exist."""
        kind, name = references.split(ref)
        return self.listing(kind).get(name, "")

    def address(self, ref: str) -> str:
        """Address of `type/name` on the wire. Raises `KeyError` where it does not exist."""
        path = self.path(ref)
        if not path:
            raise KeyError(ref)
        return self.root + path

    def name(self, href: str) -> str:
        """Reference `type/name` of an address; the object itself is read where no list has it."""
        kind, place = references.place_of(href)
        if not kind:
            return href
        named = self._places(kind).get(place)
        if named is None:
            document = self.get(href)
            named = text(document["name"]) if document else place.partition("/")[2]
        return f"{kind}/{named}"

    def _places(self, kind: str) -> dict[str, str]:
        if kind not in self._names:
            self._names[kind] = {references.place_of(path)[1]: name for name, path in self.listing(kind).items()}
        return self._names[kind]

    def users_of(self, path: str) -> list[str]:
        """References `type/name` of the objects that refer to an object."""
        where = f"/{self.version}/system/references_by_element"
        response = self.request("POST", where, body={"value": self.root + path}, retry=True, changes=False)
        if response.status >= 400:
            raise _refusal(response, f"POST {where}")
        return [f"{entry.get('type', '?')}/{entry.get('name', '?')}" for entry in _results(response)]


def is_system(document: Mapping[str, Any]) -> bool:
    """True for an object of the SMC itself, by its own attribute."""
    return bool(coerce("bool", document["system"]))


def _results(response: Response) -> list[Any]:
    """Entries of a list, bare or in its envelope: a list comes whole, without a total."""
    content = response.document()
    entries = content.get("result") if isinstance(content, dict) else content
    if not isinstance(entries, list):
        response.refuse("une liste est attendue")
    return entries


def stated(body: Any) -> Any:
    """Take the nulls out of a body, except those that the vendor's library sends.

    A whole document clears what it leaves out; an attribute without a value is absent, not null [read in vendor code].
    """
    if isinstance(body, Mapping):
        return {name: stated(value) for name, value in body.items() if value is not None or name in NULLS}
    return [stated(value) for value in body] if isinstance(body, list) else body


def _refusal(response: Response, what: str) -> Rejected:
    why = explain(response)
    error = rejected(response, what, why)
    error.todo = way_out(response.status, why)
    return error


def explain(response: Response) -> str:
    """Reason that the SMC gives for a refusal."""
    content = response.words()
    if isinstance(content, Mapping) and (content.get("message") or content.get("details")):
        details = content.get("details") or []
        parts = [str(content.get("message") or ""), *(details if isinstance(details, list) else [details])]
        return " ; ".join(str(part) for part in parts if part)
    return response.body[:200].decode(errors="replace") or "réponse sans explication"
