"""Client of Prism Central's v4 API: versions, session, pages, ETags, repeatable writes.

Source: Nutanix v4 API, developer guide (versioning, concurrency control, idempotence, pagination) and OpenAPI
documents of the namespaces. What no source proves is a belief (`beliefs/prism.yml`).
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from piste.engine.converge.errors import Conflict, Misused, Rejected, Unreachable
from piste.engine.converge.reading import listed, mapped, reading, text
from piste.engine.converge.secrets import refuse_none
from piste.engine.transport.client import Client
from piste.engine.transport.http import segment
from piste.engine.transport.response import Response, rejected
from piste.engine.transport.shared import Shared, run_folder

RATE: float = 3
"""Requests a second of the lowest tier that a small Prism Central was seen to announce. Above its tier it sheds load,
refuses good accounts, and locks them in the end."""
PAGE = 100
"""Largest page of a list [documented]."""
LOOKS = 5
"""Reads of a list that changes while it is read."""
LONGEST_PERIOD = 60.0
"""Longest period of a rate in seconds: a longer wait makes no sense."""
LOWEST = (4, 0)
HIGHEST: Mapping[str, tuple[int, int]] = {
    "vmm": (4, 3),
    "clustermgmt": (4, 3),
    "networking": (4, 4),
    "prism": (4, 4),
    "dataprotection": (4, 4),
    "datapolicies": (4, 3),
    "iam": (4, 0),
    "monitoring": (4, 3),
}
"""Latest version of each namespace that our tables know.

A newer system still serves it [belief prism.older_versions].
"""
REQUEST_ID = "NTNX-Request-Id"
KEY_HEADER = "X-ntnx-api-key"
NO_RIGHT = (
    "Dans Prism Central (IAM), donnez au compte un rôle et une politique d’autorisation pour « {namespace} », sur "
    "toute la grappe : Piste ne nomme aucun projet, et un compte limité à un projet est refusé hors de lui."
)
NEVER_KEPT = frozenset({"guestCustomization", "basicAuth", "password", "bucketsAccessKeys"})
"""Keys whose content may be secret: they stay out of the data that a run shares."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Path of the objects of a kind.

    `entity` is their name in tasks (`rel`); `detail` is the completion detail of a task that names a new object.
    """

    name: str
    namespace: str
    path: str
    entity: str = ""
    detail: str = ""


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
PROTECTION_POLICIES = Collection(
    "protection_policies",
    "datapolicies",
    "config/protection-policies",
    "datapolicies:config:protection-policy",
    "protectionPolicyExtId",
)
RECOVERY_PLANS = Collection(
    "recovery_plans", "datapolicies", "config/recovery-plans", "datapolicies:config:recovery-plan"
)
USERS = Collection("users", "iam", "authn/users")
AUDITS = Collection("audits", "monitoring", "serviceability/audits")


class Prism(Client):
    """Client of one Prism Central, for one process."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        super().__init__(connection, "Prism Central", "piste_prism")
        self.shared = Shared(run or run_folder(), "prism")
        self.travel({}, self.limiter(self.shared, RATE))
        self.patience = float(connection.get("task_timeout") or 600)
        """Seconds that a task may take."""
        refuse_none(self.root, connection.get("api_key"), connection.get("password"))
        self._credentials = _credentials(connection)
        self._cookies: dict[str, str] = {}

    # versions

    def version(self, namespace: str) -> tuple[int, int]:
        """Version of a namespace that both sides know, asked once a run.

        Raises `Misused` below v4.0.
        """
        answer = self.offered(namespace)
        match = re.fullmatch(r"v(\d+)\.(\d+)(\.?[a-z]\d+)?(?:\.\d+)*", answer)
        spoken = (int(match[1]), int(match[2])) if match else (0, 0)
        if spoken < LOWEST or (match and match[3] and spoken == LOWEST):
            raise Misused(
                f"l’API « {namespace} » est en version {answer or 'inconnue'}, il faut v4.0 au moins",
                where=self.host,
                why="Les versions précédentes ne sont plus maintenues par l’éditeur.",
                todo="Mettez Prism Central à jour (pc.2024.3 ou suivante).",
            )
        return min(spoken, HIGHEST[namespace])

    def offered(self, namespace: str) -> str:
        """Name the version of a namespace that the system offers, asked once a run."""
        return str(self.shared.once(f"version-{namespace}", lambda: self._offered_version(namespace)))

    def _offered_version(self, namespace: str) -> str:
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
        """Send with the session cookies, else with credentials.

        An expired session is renewed once: an account that is refused again and again gets locked.
        """
        while True:
            cookies = dict(self._cookies)
            known = {"Cookie": "; ".join(map("=".join, cookies.items()))} if cookies else self._credentials
            response = self.transport.request(method, path, headers={**known, **headers}, **options)
            self._keep_pace(response)
            if response.status != 401:
                break
            self._cookies = {}
            if not cookies:
                raise Unreachable(
                    "refuse le compte (401)",
                    where=self.host,
                    todo="Vérifiez dans le coffre le compte ou la clé d’API, et que le compte n’est pas verrouillé.",
                )
        if response.status < 300 and KEY_HEADER not in self._credentials:
            self._cookies |= response.cookies
        return response

    def now(self) -> float:
        """Time of the system in seconds since 1970, after its last answer, to the second."""
        return self.transport.now()

    def _keep_pace(self, response: Response) -> None:
        """Pause the whole run where an answer announces that nothing is left of its period.

        Every answer announces the rest of the present period [recorded].
        """
        if response.headers.get("x-api-ratelimit-remaining") == "0" and response.status != 429:
            with suppress(ValueError):
                period = float(response.headers.get("x-api-ratelimit-refresh-period-seconds") or 1)
                self.transport.pace.pause(min(period, LONGEST_PERIOD))

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
        """Send one request; a write has an id under which the system does it once, if sent again."""
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
        """Read an object and its ETag; None where there is none."""
        try:
            response = self.request("GET", self.url(collection, *parts))
        except Rejected as error:
            if error.status == 404:
                return None
            raise
        document = response.mapping("data")["data"]
        if not isinstance(document, dict):
            response.refuse("un objet est attendu")
        headers = response.headers
        own = mapped(document.get("$reserved")).get("ETag")
        return document, str(headers.get("etag") or headers.get("x-ntnx-etag") or own or "")

    def write(
        self,
        method: str,
        collection: Collection,
        *parts: str,
        body: Any = None,
        etag: str = "",
        request_id: str = "",
    ) -> str:
        """Send a write; return the id of its task, empty where the write is already done."""
        path = self.url(collection, *parts)
        self.shared.forget(collection.name)
        response = self.request(method, path, body=body, etag=etag, request_id=request_id)
        if not response.body:  # already done, without an answer
            return ""
        data = response.mapping("data")["data"]
        if not isinstance(data, dict):
            response.refuse("l’objet ou sa tâche est attendu")
        if not str(data.get("$objectType", "")).endswith("TaskReference"):
            return ""
        if not isinstance(data.get("extId"), str):
            response.refuse("l’identifiant de la tâche est attendu")
        return str(data["extId"])

    # lists, once a run

    def all(self, collection: Collection, *, fresh: bool = False) -> list[dict[str, Any]]:
        """Read every object of a collection, once a run, by pages; secrets are left out."""
        if fresh:
            self.shared.forget(collection.name)

        def whole() -> list[dict[str, Any]]:
            with reading(f"{self.host} {collection.path}"):
                return self._whole(collection)

        known: list[dict[str, Any]] = self.shared.once(collection.name, whole)
        return known

    def _whole(self, collection: Collection) -> list[dict[str, Any]]:
        """Read a whole list, again and again while it is not as its pages announce it.

        An object that comes or goes moves the others between pages and may hide some: an object wrongly taken for
        missing would be created a second time. A list without a total ends with its first page that is not full.
        """
        for _ in range(LOOKS):
            totals, count = list[Any](), 0
            objects: dict[str, dict[str, Any]] = {}
            for total, items in self.pages(collection):
                here = {text(item.get("extId") or item["containerExtId"]): without(item, NEVER_KEPT) for item in items}
                totals.append(total)
                count += len(items)
                if items and here.keys() <= objects.keys():
                    break  # pages that bring nothing new have no end
                objects |= here
            if len(set(totals)) == 1 and len(objects) == count and totals[0] in (None, count):
                return list(objects.values())
        raise Unreachable(
            f"la liste {collection.path} change sans cesse pendant qu’elle est lue, ou n’est pas donnée entière",
            where=self.host,
            why=f"En {LOOKS} lectures : {totals[-1]} objets sont annoncés, {count} sont donnés.",
            todo="Attendez la fin de ce qui crée ou supprime tant d’objets (Prism Central, Tasks), puis relancez.",
        )

    def pages(
        self, collection: Collection, **query: Any
    ) -> Iterator[tuple[int | None, list[dict[str, Any]]]]:
        """Yield, for each page, the announced number of objects and its own objects."""
        page, more = 0, {f"${name}": value for name, value in query.items()}
        while True:
            response = self.request("GET", self.url(collection), query={"$page": page, "$limit": PAGE, **more})
            content = response.mapping("metadata")
            total = mapped(content["metadata"]).get("totalAvailableResults")
            items = listed(content.get("data"))
            if not items and (total > page * PAGE if isinstance(total, int) else not page):
                response.refuse("des objets sont annoncés, et la page n’en contient aucun")
            page += 1
            yield total, items
            if page * PAGE >= total if isinstance(total, int) else len(items) < PAGE:
                return

    def id_of_creation(self, collection: Collection, name: str, body: Mapping[str, Any], attempt: int) -> str:
        """Request id of the creation of an object, the same in every process and on every machine.

        Where a run dies after it has asked for an object and before the object shows, the next run asks under the same
        id, and the system answers with the task that it already has. Another content is another demand, with its own
        id. An object that came and went needs another `attempt`. Secrets do not enter the id, which the system logs.
        """
        content = json.dumps(without(body, NEVER_KEPT), sort_keys=True)
        text = f"{self.transport.endpoint.url} {collection.name} {name} {attempt} {content}"
        return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def says_reused(error: Rejected) -> bool:
    """True where the refusal is about a request id that was used before.

    Its words are [belief prism.request_reused].
    """
    return error.status == 409 or bool(re.search(r"request.?id|idempoten", error.why, re.IGNORECASE))


def moved(where: str) -> Conflict:
    return Conflict(
        "modifié par quelqu’un d’autre depuis sa lecture : l’écriture est refusée",
        where=where,
        todo="Relancez pour planifier sur l’état actuel.",
    )


def _credentials(connection: Mapping[str, Any]) -> dict[str, str]:
    if key := connection.get("api_key"):
        return {KEY_HEADER: str(key)}
    login = f"{connection.get('username') or ''}:{connection.get('password') or ''}"
    return {"Authorization": "Basic " + b64encode(login.encode()).decode()}


def explain(response: Response) -> str:
    """Reason that the system gives for a refusal, in any of its four forms."""
    content = response.words()
    data = content.get("data") if isinstance(content, Mapping) else None
    error = data.get("error") if isinstance(data, Mapping) else None
    if isinstance(error, list):
        return words(error)
    if isinstance(error, Mapping):
        wrong = error.get("validationErrorMessages") or [{"message": error.get("error")}]
        parts = [(message.get("location"), message.get("message")) for message in wrong]
        return " ; ".join(" : ".join(str(part) for part in pair if part) for pair in parts)
    if isinstance(content, Mapping) and content.get("message"):
        return str(content["message"])
    text = re.sub(r"<[^>]*>|\s+", " ", response.body[:500].decode(errors="replace"))
    return " ".join(text.split())[:200] or "réponse sans explication"


def words(messages: list[Any]) -> str:
    """Join application messages (`AppMessage`), each with its code."""
    known = [message for message in messages if isinstance(message, Mapping)]
    codes = [f" ({message['code']})" if message.get("code") else "" for message in known]
    texts = [str(message.get("message") or message.get("errorGroup") or "") for message in known]
    return " ; ".join(map(str.__add__, texts, codes))


def without(value: Any, names: frozenset[str]) -> Any:
    """Take some keys out of a document, at any depth."""
    return pruned(value, lambda name: name in names)


def pruned(value: Any, drop: Callable[[str], bool]) -> Any:
    if isinstance(value, Mapping):
        return {name: pruned(inner, drop) for name, inner in value.items() if not drop(name)}
    return [pruned(inner, drop) for inner in value] if isinstance(value, list) else value
