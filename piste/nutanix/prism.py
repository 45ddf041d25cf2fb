"""Prism Central's v4 API as transport: versions, session, pages, ETags, writes that may be repeated.

Source: Nutanix v4 API, developer guide (versioning, concurrency control, idempotence, pagination) and OpenAPI
documents of the namespaces. What nobody has confirmed on a real system is marked [inferred].
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from piste.converge.errors import Conflict, Misused, Rejected, Unreachable
from piste.converge.reading import listed, mapped, reading, text
from piste.transport.http import Endpoint, Transport, segment
from piste.transport.response import Response, rejected
from piste.transport.shared import Limiter, Shared, run_folder

RATE = 3.0
"""Requests a second: the tightest tier that a small Prism Central was seen to announce. Above its tier it sheds load,
refuses good accounts, and locks them in the end."""
PAGE = 100
"""The most that a page of a list holds [documented]."""
LOOKS = 5
"""How many times a list that moves while it is read is read."""
LONGEST_PERIOD = 60.0
"""Seconds: a longer period is no rate, and nobody waits for it."""
LOWEST = (4, 0)
HIGHEST: Mapping[str, tuple[int, int]] = {
    "vmm": (4, 3),
    "clustermgmt": (4, 3),
    "networking": (4, 4),
    "prism": (4, 4),
    "dataprotection": (4, 4),
    "iam": (4, 0),
}
"""The latest version of each namespace that these tables know; a newer system still serves it [inferred]."""
REQUEST_ID = "NTNX-Request-Id"
KEY_HEADER = "X-ntnx-api-key"
NO_RIGHT = (
    "Dans Prism Central (IAM), donnez au compte un rôle et une politique d'autorisation pour « {namespace} », sur "
    "toute la grappe : Piste ne nomme aucun projet, et un compte limité à un projet est refusé hors de lui."
)
NEVER_KEPT = frozenset({"guestCustomization", "basicAuth", "password", "bucketsAccessKeys"})
"""Keys whose content may be secret: they do not enter what a run shares."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Where the objects of a kind live; ``entity`` is what a task calls them (``rel``)."""

    name: str
    namespace: str
    path: str
    entity: str = ""


VMS = Collection("vms", "vmm", "ahv/config/vms", "vmm:ahv:config:vm")
IMAGES = Collection("images", "vmm", "content/images", "vmm:content:image")
ANTI_AFFINITY = Collection(
    "anti_affinity", "vmm", "ahv/policies/vm-anti-affinity-policies", "vmm:ahv:policies:vm-anti-affinity-policy"
)
HOST_AFFINITY = Collection(
    "host_affinity", "vmm", "ahv/policies/vm-host-affinity-policies", "vmm:ahv:policies:vm-host-affinity-policy"
)
SUBNETS = Collection("subnets", "networking", "config/subnets", "networking:config:subnet")
SWITCHES = Collection("virtual_switches", "networking", "config/virtual-switches")
CATEGORIES = Collection("categories", "prism", "config/categories")
TASKS = Collection("tasks", "prism", "config/tasks")
CLUSTERS = Collection("clusters", "clustermgmt", "config/clusters")
HOSTS = Collection("hosts", "clustermgmt", "config/hosts")
CONTAINERS = Collection("storage_containers", "clustermgmt", "config/storage-containers")
RECOVERY_POINTS = Collection("recovery_points", "dataprotection", "config/recovery-points")

USERS = Collection("users", "iam", "authn/users")


class Prism:
    """One Prism Central, seen from one process."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        if not connection["base_url"]:
            raise Unreachable(
                "aucune adresse n'est donnée pour Prism Central",
                todo="Au laboratoire, démarrez-le (piste lab up) ; ailleurs, renseignez piste_prism.base_url.",
            )
        self.shared = Shared(run or run_folder(), "prism")
        rate = connection.get("rate")
        self._pace = Limiter(self.shared, RATE if rate is None else float(rate), RATE if rate is None else float(rate))
        self.transport = Transport(
            Endpoint(
                url=str(connection["base_url"]),
                headers={"User-Agent": "Piste/0.1 VilleDuBourget"},
                ca_file=str(connection.get("ca_file") or ""),
                proxy=str(connection.get("proxy") or ""),
                no_proxy=tuple(connection.get("no_proxy") or ()),
                timeout=float(connection.get("timeout") or 60),
            ),
            self._pace,
        )
        self.patience = float(connection.get("task_timeout") or 600)
        """Seconds for which a task is followed."""
        self._credentials = _credentials(connection)
        self._cookies: dict[str, str] = {}
        self._ahead = 0.0

    @property
    def calls(self) -> dict[str, int]:
        return self.transport.calls

    def close(self) -> None:
        self.transport.close()

    @property
    def host(self) -> str:
        return urlsplit(self.transport.endpoint.url).hostname or ""

    # versions

    def version(self, namespace: str) -> tuple[int, int]:
        """The version of a namespace that both sides know, asked once a run. :class:`Misused` below v4.0."""
        told = str(self.shared.once(f"version-{namespace}", lambda: self._told_version(namespace)))
        found = re.fullmatch(r"v(\d+)\.(\d+)(\.?[a-z]\d+)?(?:\.\d+)*", told)
        spoken = (int(found[1]), int(found[2])) if found else (0, 0)
        if spoken < LOWEST or (found and found[3] and spoken == LOWEST):
            raise Misused(
                f"l'API « {namespace} » est en version {told or 'inconnue'}, il faut v4.0 au moins",
                where=self.host,
                why="Les versions précédentes ne sont plus maintenues par l'éditeur.",
                todo="Mettez Prism Central à jour (pc.2024.3 ou suivante).",
            )
        return min(spoken, HIGHEST[namespace])

    def _told_version(self, namespace: str) -> str:
        response = self._authenticated("OPTIONS", f"/api/{namespace}/unversioned/info", {})
        if response.status == 404:
            return ""
        if response.status >= 400:
            raise rejected(response, f"OPTIONS {namespace}", explain(response))
        return text(response.mapping("data")["data"])

    def url(self, collection: Collection, *parts: str) -> str:
        major, minor = self.version(collection.namespace)
        tail = "".join(f"/{part if part.startswith('$') else segment(part)}" for part in parts if part)
        return f"/api/{collection.namespace}/v{major}.{minor}/{collection.path}{tail}"

    # requests

    def _authenticated(self, method: str, path: str, headers: Mapping[str, str], **options: Any) -> Response:
        """The answer to a request in the session that stands, or as whom we are where none does.

        A session that has expired is renewed once: refused again and again, an account is locked.
        """
        while True:
            cookies = dict(self._cookies)
            known = {"Cookie": "; ".join(map("=".join, cookies.items()))} if cookies else self._credentials
            response = self.transport.request(method, path, headers={**known, **headers}, **options)
            self._keep_pace(response)
            self._keep_time(response)
            if response.status != 401:
                break
            self._cookies = {}
            if not cookies:
                raise Unreachable(
                    "refuse le compte (401)",
                    where=self.host,
                    todo="Vérifiez dans le coffre le compte ou la clé d'API, et que le compte n'est pas verrouillé.",
                )
        if response.status < 300 and KEY_HEADER not in self._credentials:
            self._cookies |= response.cookies
        return response

    def now(self) -> float:
        """The system's time, in seconds since 1970, as its last answer told it to the second."""
        return time.time() + self._ahead

    def _keep_time(self, response: Response) -> None:
        with suppress(TypeError, ValueError):
            self._ahead = parsedate_to_datetime(response.headers.get("date", "")).timestamp() - time.time()

    def _keep_pace(self, response: Response) -> None:
        """Every answer tells what is left of the present period [recorded]; where nothing is, all of the run wait."""
        if response.headers.get("x-api-ratelimit-remaining") == "0" and response.status != 429:
            with suppress(ValueError):
                told = float(response.headers.get("x-api-ratelimit-refresh-period-seconds") or 1)
                self._pace.pause(min(told, LONGEST_PERIOD))

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        etag: str = "",
        request_id: str = "",
    ) -> Response:
        """Send one request; a write bears an id under which the system does it once, however often it is sent."""
        headers = {"If-Match": etag} if etag else {}
        if method not in ("GET", "OPTIONS"):
            headers[REQUEST_ID] = request_id or str(uuid4())
        response = self._authenticated(method, path, headers, query=query, body=body, retry_passing=True)
        if response.status == 412:
            raise moved(self.host)
        if response.status >= 400:
            error = rejected(response, f"{method} {path}", explain(response))
            if response.status == 403:
                error.todo = NO_RIGHT.format(namespace=path.split("/")[2])
            raise error
        return response

    def read(self, collection: Collection, *parts: str) -> tuple[dict[str, Any], str] | None:
        """An object and its ETag; None where there is none."""
        try:
            response = self.request("GET", self.url(collection, *parts))
        except Rejected as error:
            if error.status == 404:
                return None
            raise
        found = response.mapping("data")["data"]
        if not isinstance(found, dict):
            response.refuse("un objet est attendu")
        headers = response.headers
        own = mapped(found.get("$reserved")).get("ETag")
        return found, str(headers.get("etag") or headers.get("x-ntnx-etag") or own or "")

    def write(
        self,
        method: str,
        collection: Collection,
        *parts: str,
        body: Any = None,
        etag: str = "",
        request_id: str = "",
    ) -> str:
        """Send a write; the id of the task that does it, empty where it is already done."""
        path = self.url(collection, *parts)
        self.shared.forget(collection.name)
        response = self.request(method, path, body=body, etag=etag, request_id=request_id)
        if not response.body:  # done, with nothing to say of it
            return ""
        data = response.mapping("data")["data"]
        if not isinstance(data, dict):
            response.refuse("l'objet ou sa tâche est attendu")
        if not str(data.get("$objectType", "")).endswith("TaskReference"):
            return ""
        if not isinstance(data.get("extId"), str):
            response.refuse("l'identifiant de la tâche est attendu")
        return str(data["extId"])

    # lists, once a run

    def all(self, collection: Collection, *, fresh: bool = False) -> list[dict[str, Any]]:
        """Every object of a collection, read once a run by pages; secrets are left out."""
        if fresh:
            self.shared.forget(collection.name)

        def whole() -> list[dict[str, Any]]:
            with reading(f"{self.host} {collection.path}"):
                return self._whole(collection)

        known: list[dict[str, Any]] = self.shared.once(collection.name, whole)
        return known

    def _whole(self, collection: Collection) -> list[dict[str, Any]]:
        """The whole list. An object that comes or goes between two pages moves the others, and may hide one that stays:
        what is taken for missing would be made a second time. Such a list is read again."""
        for _ in range(LOOKS):
            totals: list[Any] = []
            found: dict[str, dict[str, Any]] = {}
            count = 0
            for total, items in self._pages(collection):
                here = {text(one.get("extId") or one["containerExtId"]): without(one, NEVER_KEPT) for one in items}
                totals.append(total)
                count += len(items)
                if items and here.keys() <= found.keys():
                    break  # pages that bring nothing new have no end
                found |= here
            if len(set(totals)) == 1 and len(found) == count:
                return list(found.values())
        raise Unreachable(
            f"la liste {collection.path} change sans cesse pendant qu'elle est lue ({LOOKS} lectures)",
            where=self.host,
            todo="Attendez la fin de ce qui crée ou supprime tant d'objets (Prism Central, Tasks), puis relancez.",
        )

    def _pages(self, collection: Collection) -> Iterator[tuple[int | None, list[dict[str, Any]]]]:
        """How many objects each page says there are, and those that it holds."""
        page = 0
        while True:
            query = {"$page": page, "$limit": PAGE}
            response = self.request("GET", self.url(collection), query=query)
            content = response.mapping("metadata")
            total = mapped(content["metadata"]).get("totalAvailableResults")
            items = listed(content.get("data"))
            if not items and (total > page * PAGE if isinstance(total, int) else not page):
                response.refuse("des objets sont annoncés, et la page n'en contient aucun")
            page += 1
            yield total, items
            if page * PAGE >= total if isinstance(total, int) else len(items) < PAGE:
                return

    def id_of_creation(self, collection: Collection, name: str, body: Mapping[str, Any], attempt: int) -> str:
        """The request id under which an object is made, the same in every process and on every machine.

        Where a run dies after it has asked for an object and before the object shows, the next one asks for the same
        under the same id, and the system answers with the task that it already has. Another content is another
        demand, with an id of its own. An object that came and went needs another ``attempt``. Secrets do not enter
        the id, which the system logs.
        """
        content = json.dumps(without(body, NEVER_KEPT), sort_keys=True)
        text = f"{self.transport.endpoint.url} {collection.name} {name} {attempt} {content}"
        return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def says_reused(error: Rejected) -> bool:
    """True where a refusal is that of a request id that was used before. How a system says so is [inferred]."""
    return error.status == 409 or bool(re.search(r"request.?id|idempoten", error.why, re.IGNORECASE))


def moved(where: str) -> Conflict:
    return Conflict(
        "modifié par quelqu'un d'autre depuis sa lecture : l'écriture est refusée",
        where=where,
        todo="Relancez pour planifier sur l'état actuel.",
    )


def _credentials(connection: Mapping[str, Any]) -> dict[str, str]:
    if key := connection.get("api_key"):
        return {KEY_HEADER: str(key)}
    login = f"{connection.get('username') or ''}:{connection.get('password') or ''}"
    return {"Authorization": "Basic " + b64encode(login.encode()).decode()}


def explain(response: Response) -> str:
    """The system's own words, in whichever of its four forms an error comes."""
    content = response.words()
    data = content.get("data") if isinstance(content, Mapping) else None
    error = data.get("error") if isinstance(data, Mapping) else None
    if isinstance(error, list):
        return words(error)
    if isinstance(error, Mapping):
        wrong = error.get("validationErrorMessages") or [{"message": error.get("error")}]
        return " ; ".join(
            " : ".join(str(part) for part in (one.get("location"), one.get("message")) if part) for one in wrong
        )
    if isinstance(content, Mapping) and content.get("message"):
        return str(content["message"])
    text = re.sub(r"<[^>]*>|\s+", " ", response.body[:500].decode(errors="replace"))
    return " ".join(text.split())[:200] or "réponse sans explication"


def words(messages: list[Any]) -> str:
    """Application messages (``AppMessage``), each with its code."""
    told = [message for message in messages if isinstance(message, Mapping)]
    return " ; ".join(
        str(one.get("message") or one.get("errorGroup") or "") + (f" ({one['code']})" if one.get("code") else "")
        for one in told
    )


def without(value: Any, names: frozenset[str]) -> Any:
    """The same document without some keys, wherever they stand."""
    return pruned(value, lambda name: name in names)


def pruned(value: Any, drop: Callable[[str], bool]) -> Any:
    if isinstance(value, Mapping):
        return {name: pruned(inner, drop) for name, inner in value.items() if not drop(name)}
    return [pruned(inner, drop) for inner in value] if isinstance(value, list) else value
