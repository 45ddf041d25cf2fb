"""Points: links, served certificates, applications, services; watched, and no asset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

from ..applications import PORTS

if TYPE_CHECKING:
    from ..applications import Application
    from ..certificates import Certificate
    from ..declaration import DeclaredSite
    from ..devices import Device
    from ..site import Site

PointKind = Literal["link", "certificate", "application", "service"]
LABELS: Mapping[str, str] = {
    "link": "liaisons",
    "certificate": "certificats",
    "application": "applications",
    "service": "services sans page",
}


class Point(TypedDict):
    """A thing to watch by its service; `why` says why it cannot be watched, else None.

    `label` is its name for people. Its interface has an `address`, else a `dns` name; `macros` complete those of its
    class.
    """

    name: str
    kind: PointKind
    label: str
    site: str | None
    operator: str | None
    address: str | None
    dns: str | None
    macros: dict[str, str]
    why: str | None


def link_points(declared: DeclaredSite, site: Site) -> Iterator[Point]:
    """Yield the links that a site declares; each answers by the first switch behind it.

    The gateways of a site are on the core and the firewall, on this side of its link: they answer when it is down.
    """
    if site["lifecycle"] != "open":
        return
    switch = first_switch(site["devices"])
    for link in declared.variables.premises.links:
        address = switch["address"] if switch else None
        yield Point(
            name=f"lien-{link.name}",
            kind="link",
            label=f"{link.name}, {site['name']}",
            site=site["id"],
            operator=link.operator,
            address=address,
            dns=None,
            macros={},
            why=None if address else "le site n’a aucun commutateur dont l’adresse soit connue",
        )


def first_switch(devices: Iterable[Device]) -> Device | None:
    """Find the switch that carries the others of a site: the first of its ranks."""
    switches = [device for device in devices if device["kind"] == "switch"]
    return min(switches, key=lambda device: device["rank"]) if switches else None


def certificate_points(certificates: Iterable[Certificate]) -> Iterator[Point]:
    """Yield the certificates that an endpoint serves."""
    for entry in certificates:
        if entry["host"]:
            yield Point(
                name=f"certificat-{entry['name']}",
                kind="certificate",
                label=f"{entry['name']}, {entry['use']}",
                site=None,
                operator=None,
                address=entry["address"],
                dns=None if entry["address"] else entry["host"],
                macros={"{$CERT.PORT}": str(entry["port"]), "{$CERT.ALERT_DAYS}": str(entry["alert_days"])},
                why=None,
            )


def application_points(applications: Iterable[Application]) -> Iterator[Point]:
    """Yield the applications of the cloud in use, and those of the town that have an address.

    An application for another service is watched with the application that it is. An address to confirm is not asked:
    it may be another's, and its silence would be an alarm about nothing.
    """
    for entry in applications:
        if entry["state"] == "decommissioned" or entry["same_as"] or not (entry["hosting"] == "saas" or entry["url"]):
            continue
        yield Point(
            name=f"application-{entry['id']}",
            kind="application",
            label=entry["label"],
            site=entry["site"],
            operator=entry["publisher"],
            address=None,
            dns=None,
            macros=_page(entry),
            why=_unasked(entry),
        )


def service_points(applications: Iterable[Application]) -> Iterator[Point]:
    """Yield each machine of the services that have no page and say their protocol (`speaks`)."""
    for entry in applications:
        if entry["state"] == "decommissioned" or entry["same_as"] or not entry["speaks"]:
            continue
        for host in entry["hosts"]:
            yield Point(
                name=f"service-{entry['id']}-{host['name']}",
                kind="service",
                label=f"{entry['label']}, {host['name']}",
                site=entry["site"],
                operator=None,
                address=host["address"],
                dns=None,
                macros={"{$SERVICE.PORT}": str(PORTS[entry["speaks"]])},
                why=None,
            )


def _page(entry: Application) -> dict[str, str]:
    """Give the address of an application and, as an expression, what its page shows.

    Where users sign in elsewhere, the address answers by a redirection: no text is there.
    """
    shown = {"{$WEB.SHOWS}": re.escape(entry["shows"])} if entry["shows"] and not entry["sign_in"] else {}
    return {"{$WEB.URL}": entry["url"], **shown} if entry["url"] else {}


def _unasked(entry: Application) -> str | None:
    if not entry["url"]:
        return "adresse à renseigner"
    return "adresse à confirmer" if entry["status"] else None
