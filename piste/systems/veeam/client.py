"""Client of the REST API of Veeam Backup & Replication: reads alone, in pages, whole.

Sources: Veeam Help Center, *REST API Reference* of Veeam Backup & Replication 12 and 13 (Versioning, Authorization and
Security, Query Parameters, the references of revisions 1.1-rev0 to 1.3-rev2). What no source proves is a
belief (`beliefs/veeam.yml`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from piste.engine.converge.errors import Misused, PisteError, Unreachable, Unreadable
from piste.engine.converge.reading import WAY_OUT
from piste.engine.converge.secrets import refuse_none
from piste.engine.transport.client import Client
from piste.engine.transport.response import Response, rejected

VERSIONS = ("1.1-rev0", "1.1-rev1", "1.1-rev2", "1.2-rev0", "1.2-rev1", "1.3-rev0", "1.3-rev1", "1.3-rev2")
"""Revisions of the API that Piste knows: Veeam 12.0 to 13.1. Each server also takes the earlier revisions."""
DEFAULT = "1.2-rev1"
PAGE = 200
"""Items asked for in a page; no public limit is known [belief veeam.pages]."""
LOOKS = 3
"""Reads of a list that changes while it is read."""
MOST = 500_000
"""Items of a list: a server that announces more is not believed."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_RIGHT = "Dans Veeam, donnez au compte le rôle « Veeam Backup Viewer » : il lit, et n’a aucun autre droit."


class VersionRefused(PisteError):
    """The server does not speak the revision of the API that is asked for."""

    code = "PISTE-E145"


class Veeam(Client):
    """Client of one backup server, for one process; its token ends with it."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        super().__init__(connection, "Veeam", "piste_veeam")
        self.version = str(connection.get("api_version") or DEFAULT)
        if self.version not in VERSIONS:
            raise Misused(
                f"« {self.version} » n’est pas une révision connue de l’API de Veeam",
                where=self.host,
                todo=f"Donnez dans api_version (piste_veeam) l’une de {', '.join(VERSIONS)}.",
            )
        refuse_none(self.root, connection.get("password"))
        self._username, self._password = str(connection.get("username") or ""), str(connection["password"])
        self._token = ""
        self.travel({"x-api-version": self.version, "Accept": "application/json"})

    def close(self) -> None:
        """End the session; a server that does not answer ends it by itself."""
        token, self._token = self._token, ""
        if token:
            with suppress(PisteError):
                self.transport.request(
                    "POST", "/api/oauth2/logout", headers=_bearer(token), retry_passing=False, changes=False
                )
        self.transport.close()

    def sign_in(self) -> None:
        """Ask for a token. Raises `Unreachable` where the account is refused, `VersionRefused`."""
        asked = {"grant_type": "password", "username": self._username, "password": self._password}
        response = self.transport.request(
            "POST", "/api/oauth2/token", body=urlencode(asked).encode(), headers=FORM,
            retry_passing=True, changes=False,
        )  # fmt: skip
        if response.status >= 400:
            self._refuse_version(response)
            raise Unreachable(
                f"refuse de donner un jeton ({response.status})",
                where=self.host,
                why=_said(response),
                todo="Vérifiez le compte (piste_veeam.username) et son mot de passe, au coffre.",
            )
        token = response.mapping("access_token")["access_token"]
        if not isinstance(token, str) or not token.isprintable() or not token.isascii():
            response.refuse("un jeton est attendu")
        self._token = token

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Response:
        """Read a path. Raises `Rejected`, `Unreachable`, `VersionRefused`."""
        for again in (False, True):
            if not self._token:
                self.sign_in()
            response = self.transport.request("GET", path, query=query, headers=_bearer(self._token))
            if response.status != 401 or again:
                break
            # A token lives an hour at most: a long reading outlives it.
            self._token = ""
        if response.status >= 400:
            self._refuse_version(response)
            raise rejected(response, f"GET {path}", f"{_said(response)}. {NO_RIGHT}")
        return response

    def document(self, path: str, *names: str) -> dict[str, Any]:
        return self.get(path).mapping(*names)

    def items(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """Read a list whole, in pages. Raises `Unreadable` where its pages do not make one list."""
        for _ in range(LOOKS):
            made = self._whole(path, filters)
            if made is not None:
                return made
        raise Unreadable("la liste change à chaque lecture", where=f"{self.host}{path}", todo=WAY_OUT)

    def _whole(self, path: str, filters: Mapping[str, Any]) -> list[dict[str, Any]] | None:
        """Read the pages of a list; None where it changed meanwhile."""
        read: dict[str, dict[str, Any]] = {}
        totals, count = set[int](), 0
        for _, content in self.pages(path, **filters):
            totals.add(content["pagination"]["total"])
            if len(totals) > 1:
                return None
            read |= {item["id"]: item for item in content["data"]}
            count += len(content["data"])
        return list(read.values()) if {len(read)} == totals == {count} else None

    def pages(self, path: str, **filters: Any) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield each page of a list, with the number of objects before it."""
        count = 0
        while True:
            response = self.get(path, {"skip": count, "limit": PAGE, **filters})
            content = response.mapping("data", "pagination")
            page, pages = content["data"], content["pagination"]
            if not isinstance(page, list) or not all(_named(item) for item in page):
                response.refuse("une liste d’objets, avec leur id, est attendue")
            total = pages.get("total") if isinstance(pages, dict) else None
            if not isinstance(total, int) or isinstance(total, bool) or not 0 <= total <= MOST:
                response.refuse("le nombre total d’objets est attendu (pagination.total)")
            yield count, content
            count += len(page)
            if count >= total or not page:
                return

    def _refuse_version(self, response: Response) -> None:
        """Raise where the server says that it does not know the revision.

        Its words are [belief veeam.revision].
        """
        said = _said(response)
        if response.status == 400 and "version" in said.casefold():
            raise VersionRefused(
                f"ne parle pas la révision {self.version} de son API",
                where=self.host,
                why=said,
                todo=f"Donnez la sienne dans api_version (piste_veeam) : {', '.join(VERSIONS)}.",
            )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _named(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str) and bool(item["id"])


def _said(response: Response) -> str:
    """Give the words of a refusal: `errorCode` and `message`."""
    words = response.words()
    if not isinstance(words, dict):
        return ""
    parts = [str(words[name])[:200] for name in ("errorCode", "message") if isinstance(words.get(name), str)]
    return " : ".join(parts)
