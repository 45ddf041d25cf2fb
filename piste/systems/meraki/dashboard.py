"""Client of the Meraki Dashboard API: key, paging, redirects, and lists read once a run.

Source: Dashboard API 1.73.0 (OpenAPI document and "API rate limit", "Pagination" pages of the vendor).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from piste.engine.converge.errors import Ambiguous, Missing, Unreachable
from piste.engine.converge.reading import mapped, number, reading, text
from piste.engine.converge.secrets import refuse_none
from piste.engine.transport.client import Client
from piste.engine.transport.http import segment
from piste.engine.transport.response import Response, rejected
from piste.engine.transport.shared import Shared, run_folder

RATE = 10
BURST = 10.0
"""Requests a second of an organization, all applications together, and the burst above them [documented]."""

SWITCHES_A_PAGE = 50
"""Most switches on a page of the overview of ports [documented]."""

DOMAINS = ("meraki.com", "meraki.ca", "meraki.cn", "meraki.in", "gov-meraki.com")
"""Domains to which a redirect may carry the key: an organization's shard is another host of the vendor."""

NETWORK_KEYS = ("id", "name", "productTypes", "tags", "timeZone", "notes", "isBoundToConfigTemplate")
_SURE = {"networks": ("id", "name"), "devices": ("serial", "networkId", "productType"), "inventory": ("serial",)}
"""Texts that identify and place the objects of each list: an object without them is a bad answer."""
DEVICE_KEYS = (
    "serial", "name", "model", "mac", "networkId", "productType", "tags", "address", "notes", "lat", "lng", "firmware",
)  # fmt: skip
INVENTORY_KEYS = ("serial", "model", "mac", "networkId", "productType")


class Dashboard(Client):
    """Client of one organization, for one process."""

    def __init__(self, connection: Mapping[str, Any], run: Path | None = None) -> None:
        super().__init__(connection, "l’API du Dashboard", "piste_meraki")
        refuse_none(self.root, connection["api_key"])
        self.shared = Shared(run or run_folder(), "meraki")
        pace = self.limiter(self.shared, RATE, float(connection.get("burst") or BURST))
        self.travel({"Authorization": f"Bearer {connection['api_key']}"}, pace, domains=DOMAINS)
        self._wanted_organization = str(connection["organization"])
        self._organization = self._wanted_organization if self._wanted_organization.isdecimal() else ""

    @property
    def organization(self) -> str:
        """Id of the organization: as given, or looked up by name once a run."""
        if not self._organization:
            self._organization = str(self.shared.once("organization", self.find_organization))
        return self._organization

    def find_organization(self) -> str:
        """Look up the id of the organization among those that the key sees.

        Raises `Missing` or `Ambiguous`.
        """
        with reading(self.host):
            known = {text(org["id"]): text(org["name"]) for org in self.items("/organizations")}
        matches = [key for key, name in known.items() if self._wanted_organization in (name, key)]
        if len(matches) == 1:
            self._organization = matches[0]
            return matches[0]
        names = ", ".join(sorted(known.values())) or "aucune"
        error = Ambiguous if matches else Missing
        raise error(
            f"{len(matches) or 'aucune'} organisation(s) nommée(s) « {self._wanted_organization} » avec cette clé",
            why=f"Organisations visibles : {names}.",
            todo="Corrigez « organization » (l’identifiant est admis) ou la clé.",
        )

    def moment(self) -> float:
        """Ask the system its time, in seconds since 1970."""
        with reading(self.host):
            text(self.get(f"/organizations/{self.organization}")["id"])
        return self.transport.now()

    # requests

    def request(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Response:
        try:
            return self._answered(method, path, query, body)
        finally:
            if method != "GET":
                self.shared.forget("ports")  # a write may reach the ports of any switch, its answer lost too

    def _answered(self, method: str, path: str, query: Mapping[str, Any] | None, body: Any) -> Response:
        response = self.transport.request(method, path, query=query, body=body)
        if response.status == 401:
            raise Unreachable(
                "refuse la clé d’API (401)",
                where=self.host,
                todo="Vérifiez la clé dans le coffre et que l’API est activée pour l’organisation.",
            )
        if response.status >= 400:
            if response.status in (403, 404) and path.startswith(f"/organizations/{self._wanted_organization}/"):
                self.find_organization()  # a given id was used unchecked: the key may not see it
            raise rejected(response, f"{method} {path}", explain(response))
        return response

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Read a document that is an object."""
        return self.request("GET", path, query=query).mapping()

    def items(self, path: str, query: Mapping[str, Any] | None = None) -> list[Any]:
        """Read a document that is a list."""
        return self.request("GET", path, query=query).listing()

    def pages(
        self, path: str, per_page: int, query: Mapping[str, Any] | None = None, *, within: str = ""
    ) -> list[Any]:
        """Read every item of a paged list by its `next` links.

        The list is under the key `within`; without it, it is bare, or in an `items` envelope.
        """
        return list(self._pages(path, {"perPage": per_page, **(query or {})}, within))

    def page(self, path: str, per_page: int) -> list[Any]:
        """Read the first page of a paged list."""
        return _items(self.request("GET", path, query={"perPage": per_page}))

    def _pages(self, path: str, query: Mapping[str, Any] | None, within: str) -> Iterator[Any]:
        followed: set[str] = set()
        while True:
            response = self.request("GET", path, query=query)
            yield from _items(response, within)
            following = next_link(response.headers.get("link", ""))
            if not following:
                if left := _left(response):
                    response.refuse(f"{left} objets sont encore annoncés après la dernière page")
                return
            path, query = self.transport.trusted(response, self._followed(response.url, following)), None
            if path in followed:
                response.refuse("renvoie à une page déjà lue")
            followed.add(path)

    def _followed(self, source: str, link: str) -> str:
        """Address of a link: absolute in practice, relative to the API's base if a client asks so."""
        base = self.root
        relative = link.startswith("/") and not link.startswith(urlsplit(base).path + "/")
        return base + link if relative else urljoin(source, link)

    # org-wide lists, once a run

    @property
    def located(self) -> bool:
        """True where the run has read the lists of networks and of devices."""
        return all(self.shared.get(name) is not None for name in ("networks", "devices"))

    def networks(self, *, fresh: bool = False) -> list[dict[str, Any]]:
        return self._list("networks", f"/organizations/{self.organization}/networks", 1000, NETWORK_KEYS, fresh)

    def devices(self, *, fresh: bool = False) -> list[dict[str, Any]]:
        return self._list("devices", f"/organizations/{self.organization}/devices", 1000, DEVICE_KEYS, fresh)

    def inventory(self, *, fresh: bool = False) -> list[dict[str, Any]]:
        path = f"/organizations/{self.organization}/inventory/devices"
        return self._list("inventory", path, 1000, INVENTORY_KEYS, fresh)

    def ports(self, serials: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
        """Read the overview of the ports of some switches, by serial.

        That of all switches is read once, until the run writes something.
        """
        path = f"/organizations/{self.organization}/switch/ports/bySwitch"

        def fetch(query: Mapping[str, Any] | None = None) -> dict[str, dict[str, Any]]:
            with reading(f"{self.host} ports"):
                return {text(switch["serial"]): switch for switch in self.pages(path, SWITCHES_A_PAGE, query)}

        if serials:
            return fetch({"serials[]": serials})
        known: dict[str, dict[str, Any]] = self.shared.once("ports", fetch)
        return known

    def _list(self, name: str, path: str, per_page: int, keys: Sequence[str], fresh: bool) -> list[dict[str, Any]]:
        def fetch() -> list[dict[str, Any]]:
            return [self._entry(name, item, keys) for item in self.pages(path, per_page)]

        if fresh:
            self.shared.forget(name)
        known: list[dict[str, Any]] = self.shared.once(name, fetch)
        return known

    def _entry(self, name: str, document: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
        """Reduce an object to what a list of the run keeps of it."""
        with reading(f"{self.host} {name}"):
            sure = {key: text(document[key]) for key in _SURE.get(name, ())}
            return {key: document[key] for key in keys if key in document} | sure

    def learn(self, name: str, key: str, document: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
        """Enter an object in a list of the run, in place of that of the same `key`; return it."""
        entry = self._entry(name, document, keys)

        def change(known: Any) -> Any:
            if known is None:
                return None
            return [*(item for item in known if item.get(key) != entry.get(key)), entry]

        self.shared.update(name, change)
        return entry

    def unlearn(self, name: str, key: str, value: str) -> None:
        self.shared.update(name, lambda known: None if known is None else [i for i in known if i.get(key) != value])

    # objects that check mode has planned, for later tasks

    def plan_object(self, kind: str, key: str, content: Any) -> None:
        self.shared.plan_object(kind, key, content)

    def planned(self, kind: str) -> dict[str, Any]:
        return self.shared.planned(kind)

    def planned_in(self, kind: str, network: str, key: str) -> dict[str, Any]:
        """Object that check mode has planned under `key` in that network; empty where there is none."""
        entry = self.planned(kind).get(key) or {}
        return dict(entry["item"]) if entry.get("network") == network else {}

    def network(self, name: str) -> dict[str, Any]:
        """Find the network named `name`.

        A network that check mode has planned has no id; a network that it has planned to rename keeps its id.
        Raises `Missing` or `Ambiguous`.
        """
        matches = [network for network in self.networks() if network["name"] == name]
        planned = self.planned("network")
        if not matches and name in planned:
            return {"id": "", **planned[name], "name": name}
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise self.two_networks(name, len(matches))
        raise Missing(
            f"le réseau « {name} » n’existe pas",
            where=f"organisation {self._wanted_organization}",
            todo="Convergez d’abord les réseaux (tâche meraki_networks).",
        )

    def two_networks(self, name: str, count: int) -> Ambiguous:
        return Ambiguous(
            f"{count} réseaux s’appellent « {name} »",
            where=f"organisation {self._wanted_organization}",
            todo="Renommez-en un dans le Dashboard : le nom est l’identité d’un réseau.",
        )


def _items(response: Response, within: str = "") -> list[Any]:
    """Read a page, under the key `within`; without it, bare or in an `items` envelope."""
    content = response.mapping() if within else response.document()
    items = content.get(within or "items") if isinstance(content, dict) else content
    if not isinstance(items, list):
        response.refuse("une liste est attendue")
    return items


def _left(response: Response) -> int:
    """Number of items that a page announces on the pages after it; 0 where it announces none.

    A bare list announces nothing: its Link header alone says whether it is the last page.
    """
    content = response.document()
    with reading(response.url):
        meta = mapped(content.get("meta")) if isinstance(content, dict) else {}
        return number(mapped(mapped(meta.get("counts")).get("items")).get("remaining"))


def explain(response: Response) -> str:
    """Reason that the vendor gives for a refusal; a 404 may be HTML or empty."""
    content = response.words()
    if isinstance(content, Mapping) and content.get("errors"):
        errors = content["errors"]
        return " ; ".join(map(str, errors)) if isinstance(errors, list) else str(errors)
    return "réponse sans explication" if response.status == 404 else response.body[:200].decode(errors="replace")


def next_link(header: str) -> str:
    """Target `next` of a Link header; the vendor writes `rel=next` without quotes."""
    for target, rel in re.findall(r"<([^>]*)>\s*;\s*rel=\"?(\w+)\"?", header):
        if rel == "next":
            return str(target)
    return ""


def fill(template: str, ids: Mapping[str, Any]) -> str:
    """Build a path from its template, each id escaped."""
    return template.format_map({key: segment(value) for key, value in ids.items()})
