"""Client of GLPI's High-Level API: pinned version, shared token, lists read once, whole.

Source: `src/Glpi/Api/HL` of GLPI 11 (Router, ResourceAccessor, Search): routes, tokens, ranges, refusals. What no
source proves is a belief (`beliefs/glpi.yml`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from piste.engine.converge.errors import Misused, Unreachable
from piste.engine.converge.reading import reading
from piste.engine.converge.secrets import refuse_none
from piste.engine.converge.values import coerce
from piste.engine.transport.client import Client
from piste.engine.transport.lists import Lists
from piste.engine.transport.response import Response, rejected
from piste.engine.transport.shared import Shared, run_folder
from piste.systems.glpi.items import ACCOUNTS, PARTS, SINCE, VERSIONS

PAGE = 1000
"""Items asked for in a page. The API has no documented maximum, and 100 where nothing is asked [documented]."""
LOOKS = 5
"""Reads of a list that changes while it is read."""
RATE = 10
"""Requests a second: GLPI announces no limit, and answers each from its database."""
NEVER_KEPT = ("user", "contact", "team", "content", "comment", "email", "phone", "fax", "mobile")
"""Beginnings of the fields that name or quote persons: they stay out of what a run keeps and exports.

A beginning, since versions add fields of the same family, `user_recipient`, `user_editor`
[belief glpi.personal_fields].
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_RIGHT = "Dans GLPI, donnez au profil du compte le droit qui manque : piste init production les liste."
ASKED = ("Ticket", "Problem")
"""Itemtypes whose very title is what a person wrote."""
FOR_ALL = {"Article": ("content",)}
"""Fields that are kept all the same: an article of the knowledge base is written for its readers."""
_PLAIN = re.compile(r"[\w .:/@+#&°’-]+")
"""Text that a filter takes as it is. GLPI's filters escape nothing between quotes."""
_LONGEST = 60
"""Values in a filter: the address of a request stays short."""
_RANGE = re.compile(r"(\d+)-(\d+)/(\d+)")

Document = dict[str, Any]


class Glpi(Client):
    """Client of one GLPI, for one process."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        super().__init__(connection, "GLPI", "piste_glpi")
        self.version = str(connection.get("api_version") or VERSIONS[-1])
        if self.version not in VERSIONS:
            raise Misused(
                f"« {self.version} » n’est pas une version connue de l’API de GLPI",
                where=self.host,
                todo=f"Donnez dans api_version (piste_glpi) l’une de {', '.join(VERSIONS)}.",
            )
        refuse_none(self.root, connection.get("client_secret"), connection.get("password"))
        place = f"{self.root} {connection.get('entity', '')} {self.version}"
        self.shared = Shared(run or run_folder(), f"glpi-{hashlib.sha256(place.encode()).hexdigest()[:12]}")
        self.lists = Lists(self.shared)
        # Without it GLPI hides the items of the entities below: they would be made again.
        entity = {"GLPI-Entity-Recursive": "true"}
        if connection.get("entity") is not None:
            entity["GLPI-Entity"] = str(connection["entity"])
        self.travel(entity, self.limiter(self.shared, RATE))
        self._token = ""

    def serves(self, itemtype: str) -> bool:
        """True where the pinned version has routes for an itemtype."""
        return VERSIONS.index(SINCE.get(itemtype, VERSIONS[0])) <= VERSIONS.index(self.version)

    # requests

    def token(self) -> str:
        """Give the token of the run, asked for by its first process."""
        self._token = self._token or str(self.shared.once("token", self.ask_token))
        return self._token

    def _renew(self) -> None:
        """Replace the token of the run, unless another process has just done so."""
        used, self._token = self._token, ""
        self.shared.update("token", lambda known: self.ask_token() if known == used else known)

    def ask_token(self) -> str:
        """Ask for a token. Raises `Unreachable` where the client or the account is refused."""
        of = self.connection
        demand = {
            "grant_type": "password" if of.get("username") else "client_credentials",
            "client_id": str(of.get("client_id") or ""),
            "client_secret": str(of.get("client_secret") or ""),
            "scope": "api",
        }
        if of.get("username"):
            demand |= {"username": str(of["username"]), "password": str(of.get("password") or "")}
        body = urlencode(demand).encode()
        response = self.transport.request(
            "POST", "/api.php/token", body=body, headers=FORM, retry_passing=True, changes=False
        )
        if response.status >= 400:
            raise Unreachable(
                f"refuse de donner un jeton ({response.status})",
                where=self.host,
                why=_said(response),
                todo="Vérifiez le client OAuth (portée « api ») et le compte, dans GLPI et au coffre.",
            )
        content = response.mapping("access_token")
        if not isinstance(content["access_token"], str):
            response.refuse("un jeton est attendu")
        return str(content["access_token"])

    def request(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Response:
        """Send one request; ask for another token where GLPI takes ours for expired, once."""
        url = f"/api.php/v{self.version}/{path}"
        for attempt in (1, 2):
            response = self.transport.request(
                method,
                url,
                query=query,
                body=body,
                headers={"Authorization": f"Bearer {self.token()}"},
                retry_passing=method != "POST",
            )
            if attempt == 2 or not _expired(response):
                break
            self._renew()
        if response.status >= 400:
            error = rejected(response, f"{method} {path}", _said(response))
            if response.status == 403:
                error.todo = NO_RIGHT
            raise error
        return response

    # lists

    def path(self, itemtype: str) -> str:
        return f"{PARTS.get(itemtype) or ACCOUNTS[itemtype]}/{itemtype}"

    def all(self, itemtype: str, *, fresh: bool = False) -> Sequence[Document]:
        """Read every item of a type, once a run."""
        if fresh:
            self.lists.forget(itemtype)
        return self.lists.once(itemtype, [itemtype], lambda names: {name: self._whole(name, "") for name in names})

    def some(self, itemtype: str, wanted: Mapping[str, Iterable[Any]], keys: Iterable[str] = ()) -> Sequence[Document]:
        """Read again the items that have any of some values; all where a filter cannot say it.

        `keys` are the objects that these values find: they are in doubt no more.
        """
        groups = {name: sorted({str(value) for value in values}) for name, values in wanted.items()}
        groups = {name: values for name, values in groups.items() if values}
        every = [value for values in groups.values() for value in values]
        if not every or len(every) > _LONGEST or not all(map(_PLAIN.fullmatch, every)):
            return self.all(itemtype, fresh=True) if every else []
        query = ",".join(f"{name}=in=({','.join(_quoted(values))})" for name, values in groups.items())
        items = self._whole(itemtype, query)
        again = {*map(int, groups.get("id", ())), *(item["id"] for item in items)}
        self.lists.renew(itemtype, keys, lambda known: known["id"] in again, items)
        return items

    def titled(self, itemtype: str, titles: Sequence[str], ids: Sequence[int]) -> list[Document]:
        """Read the items of some titles or ids; only id, title and state are kept of them."""
        read: dict[int, Document] = {}
        for name, values in (("name", titles), ("id", [str(id_) for id_ in ids])):
            for start in range(0, len(values), _LONGEST):
                query = f"{name}=in=({','.join(_quoted(values[start : start + _LONGEST]))})"
                read |= {item["id"]: item for item in self._whole(itemtype, query, persons=True)}
        return [{name: item.get(name) for name in ("id", "name", "status", "is_deleted")} for item in read.values()]

    def whole(self, itemtype: str, *, persons: bool) -> list[Document]:
        """Read every item of a type for an export; with persons and contents where asked."""
        return self._whole(itemtype, "", persons=persons)

    def announced(self, itemtype: str) -> int:
        """Number of items of a type, as another request of GLPI announces it."""
        return next(iter(self._pages(itemtype, "", limit=1)))[0]

    def _whole(self, itemtype: str, query: str, *, persons: bool = False) -> list[Document]:
        """Read a list to its end, again where it changes between two pages.

        An item that comes or goes moves the others between pages: one that was not seen would be made again.
        """
        for _ in range(LOOKS):
            totals: list[int] = []
            items: dict[int, Document] = {}
            count = 0
            with reading(f"{self.host} {itemtype}"):
                for total, page in self._pages(itemtype, query):
                    totals.append(total)
                    count += len(page)
                    kept = page if persons else [_kept(itemtype, item) for item in page]
                    items |= {int(coerce("int", item["id"])): dict(item) for item in kept}
            if len(set(totals)) == 1 and len(items) == count == totals[0]:
                return list(items.values())
        raise Unreachable(
            f"la liste {itemtype} change sans cesse pendant qu’elle est lue ({LOOKS} lectures)",
            where=self.host,
            why="Le total annoncé (Content-Range) n’est pas le nombre d’objets reçus.",
            todo="Attendez la fin des imports en cours dans GLPI, puis relancez.",
        )

    def _pages(self, itemtype: str, query: str, limit: int = PAGE) -> Iterator[tuple[int, list[Document]]]:
        """Yield the announced total and the items of each page."""
        start = 0
        while True:
            asked = {"start": start, "limit": limit, **({"filter": query} if query else {})}
            response = self.request("GET", self.path(itemtype), query=asked)
            page = response.listing()
            match = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if match is None:
                response.refuse("l’en-tête Content-Range est attendu")
            total = int(match[3])
            yield total, page
            start += len(page)
            if not page or start >= total:
                # A page that is partial (206) and says to be the last lies about its total.
                if response.status == 206 and start >= total:
                    response.refuse("une page partielle se dit la dernière")
                return

    # writes

    def create(self, itemtype: str, body: Mapping[str, Any]) -> int:
        """Create an item; return its id. The list of the run has it once it is read again."""
        response = self.request("POST", self.path(itemtype), body=body)
        return int(coerce("int", response.mapping("id")["id"]))

    def update(self, itemtype: str, item_id: int, body: Mapping[str, Any]) -> None:
        """Change the given fields of an item, and no other."""
        self.request("PATCH", f"{self.path(itemtype)}/{int(item_id)}", body=body).mapping("id")


def _quoted(values: Sequence[str]) -> Iterator[str]:
    return (f'"{value}"' for value in values)


def _kept(itemtype: str, item: Mapping[str, Any]) -> Document:
    left = (*NEVER_KEPT, "name") if itemtype in ASKED else NEVER_KEPT
    spared = FOR_ALL.get(itemtype, ())
    return {name: value for name, value in item.items() if name in spared or not name.startswith(left)}


def _expired(response: Response) -> bool:
    """True where the token is refused: GLPI says it by 400, and by 401 where there is none."""
    if response.status == 401:
        return True
    words = response.words() if response.status == 400 else None
    return isinstance(words, Mapping) and str(words.get("title", "")).startswith("Invalid OAuth token")


def _said(response: Response) -> str:
    """Give GLPI's own words about a refusal, short."""
    words = response.words()
    if not isinstance(words, Mapping):
        return ""
    parts = [words.get("title") or words.get("error"), words.get("detail") or words.get("error_description")]
    return " : ".join(str(part)[:300] for part in parts if part)
