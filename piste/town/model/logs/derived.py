"""Derivation of the logs: streams of the collector, sites that owe logs, settings that send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

from ..flows.ends import IN_SERVICE

if TYPE_CHECKING:
    from ..declaration import Declaration
    from ..network_settings import SyslogRole, SyslogServer
    from ..site import Site
    from ..variables import TownLevel
    from .form import Logs, LogSource

# The forms take these from here: a document describes them without the form of the declaration.
Kind = Literal[
    "meraki_events", "meraki_dhcp", "meraki_flows", "meraki_urls", "smc_forwarding", "nps_accounting",
    "directory_security", "captive_portal", "zabbix", "system", "m365", "piste_journal",
]  # fmt: skip
LogClass = Literal["network", "authentication", "admin", "security"]
Transport = Literal["tls", "tcp", "udp", "file", "journal"]
OPEN_ZONES = ("invite", "public")
"""Zones of people whom the town does not employ: what they visit is never kept."""
PLAIN_PORT = 514
EXPORTED = ("network", "authentication")
"""Classes that the monthly export takes (CCTP 3.3.3)."""
LABELS: Mapping[LogClass, str] = {
    "network": "réseau",
    "authentication": "authentification",
    "admin": "administration",
    "security": "sécurité",
}
ROLES: Mapping[Kind, tuple[SyslogRole, ...]] = {
    "meraki_events": ("switch", "wireless"),
    "meraki_flows": ("flows",),
    "meraki_urls": ("urls",),
    "meraki_dhcp": ("switch", "wireless"),
    "captive_portal": ("wireless",),
}
"""Roles of a syslog server of the Dashboard, by kind: leases and portals are events like the others."""


class LogStream(TypedDict):
    """A stream: a source, or its share of a site; `name` is its folder in the tree.

    `senders` are the prefixes that it comes from, `clients` the names of their certificates.
    """

    name: str
    source: str
    label: str
    site: str | None
    kind: Kind
    log_class: LogClass
    transport: Transport
    port: int | None
    senders: list[str]
    clients: list[str]
    silence_hours: int
    purpose: str
    basis: str
    least_days: int
    most_days: int
    readers: list[str]
    status: str | None


class LogCollector(TypedDict):
    """The collector: its machine, its tree, the accounts of the tree, its TLS."""

    host: str
    address: str | None
    tree: str
    owner: str
    group: str
    tls_port: int | None
    authority: str | None
    certificate: str | None
    key: str | None
    clients_ca: str | None
    status: str | None


class Reader(TypedDict):
    name: str
    label: str
    group: str | None
    unix_group: str


class Duty(TypedDict):
    """A site that must keep logs (CCTP 3.6): the reason, and the streams that cover it."""

    site: str
    public: bool
    video: bool
    streams: list[str]


class TownLogs(TypedDict):
    """The logs of the town."""

    collector: LogCollector
    store: str
    export_day: int
    readers: list[Reader]
    streams: list[LogStream]
    duties: list[Duty]


class LogForward(TypedDict):
    """A machine that receives the logs of the firewall."""

    name: str
    address: str
    port: int
    service: str
    format: str


def derive_logs(
    declaration: Declaration, sites: Mapping[str, Site], servers: Mapping[str, str]
) -> TownLogs | None:
    """Derive the logs; None where the town declares none."""
    declared = declaration.town.variables.logs
    if declared is None:
        return None
    known = _Known({key: site for key, site in sites.items() if site["lifecycle"] in IN_SERVICE}, servers, declared)
    streams = [stream for name, entry in declared.sources.items() for stream in _streams(name, entry, known)]
    return TownLogs(
        collector=_collector(declared, servers),
        store=declared.export.store,
        export_day=declared.export.day,
        readers=[
            Reader(name=name, label=entry.label, group=entry.group, unix_group=entry.unix_group)
            for name, entry in declared.readers.items()
        ],
        streams=streams,
        duties=[
            Duty(
                site=site["id"],
                public=is_public(site),
                video=site["id"] in declared.video,
                streams=[stream["name"] for stream in streams if stream["site"] in (None, site["id"])],
            )
            for site in sites.values()
            if site["lifecycle"] in IN_SERVICE and (is_public(site) or site["id"] in declared.video)
        ],
    )


def is_public(site: Site) -> bool:
    """Tell whether the site gives Wi-Fi to the public: an enabled SSID of an open zone."""
    return any(ssid["enabled"] and (ssid["guest"] or ssid["zone"] in OPEN_ZONES) for ssid in site["ssids"])


def has_public(site: Site) -> bool:
    """Tell whether people from outside use the site's network, by Wi-Fi or by cable."""
    return is_public(site) or any(segment["zone"] in OPEN_ZONES for segment in site["segments"].values())


def sites_of(entry: LogSource, sites: Iterable[str]) -> list[str]:
    """List the sites of a source: those it names, or all that are given."""
    return [site for site in sites if not entry.sites or site in entry.sites]


def port_of(entry: LogSource, declared: Logs) -> int | None:
    """Give the port on which the collector receives a source; None where it receives nothing."""
    if entry.transport not in ("tls", "tcp", "udp"):
        return None
    if entry.port:
        return entry.port
    return declared.collector.tls.port if entry.transport == "tls" and declared.collector.tls else PLAIN_PORT


def _collector(declared: Logs, servers: Mapping[str, str]) -> LogCollector:
    entry, tls = declared.collector, declared.collector.tls
    return LogCollector(
        host=entry.host,
        address=servers.get(entry.host),
        tree=entry.tree,
        owner=entry.owner,
        group=entry.group,
        tls_port=tls.port if tls else None,
        authority=tls.authority if tls else None,
        certificate=tls.certificate if tls else None,
        key=tls.key if tls else None,
        clients_ca=tls.clients_ca if tls else None,
        status=entry.status,
    )


class _Known(NamedTuple):
    """The sites in service, the address of each reservation, the declaration of the logs."""

    sites: Mapping[str, Site]
    servers: Mapping[str, str]
    declared: Logs


def _streams(name: str, entry: LogSource, known: _Known) -> Iterator[LogStream]:
    if not entry.per_site:
        yield _stream(name, name, None, entry, known)
        return
    for key in sites_of(entry, known.sites):
        yield _stream(f"{name}/{key}", name, key, entry, known)


def _senders(entry: LogSource, site: str | None, known: _Known) -> Iterator[str]:
    """Yield the prefixes of the senders; a name that nothing knows is left out."""
    sites = [known.sites[key] for key in ([site] if site else sites_of(entry, known.sites))]
    for sender in entry.senders:
        name, _, where = sender.partition("@")
        if address := known.servers.get(name):
            yield f"{address}/{128 if ':' in address else 32}"
        for here in sites:
            if name in here["segments"] and where in ("", "here", "every", here["id"]):
                yield here["segments"][name]["subnet"]


def _stream(name: str, source: str, site: str | None, entry: LogSource, known: _Known) -> LogStream:
    return LogStream(
        name=name,
        source=source,
        label=entry.label,
        site=site,
        kind=entry.kind,
        log_class=entry.log_class,
        transport=entry.transport,
        port=port_of(entry, known.declared),
        senders=list(dict.fromkeys(_senders(entry, site, known))),
        clients=list(entry.clients),
        silence_hours=entry.silence_hours,
        purpose=entry.purpose,
        basis=entry.basis,
        least_days=entry.retention_days.least,
        most_days=entry.retention_days.most,
        readers=list(entry.readers),
        status=entry.status,
    )


def syslog_servers(town: TownLevel, site: str, servers: Mapping[str, str]) -> list[SyslogServer] | None:
    """Give the syslog servers of a network: the collector, an entry a port; None without it."""
    declared = town.logs
    if declared is None or declared.collector.host not in servers:
        return None
    roles: dict[int, list[SyslogRole]] = {}
    for entry in declared.sources.values():
        port = port_of(entry, declared)
        if entry.kind in ROLES and port and entry.transport == "udp" and sites_of(entry, [site]):
            known = roles.setdefault(port, [])
            known += [role for role in ROLES[entry.kind] if role not in known]
    host = declared.collector.host
    return [
        {"name": host, "host": servers[host], "port": port, "roles": sorted(names)} for port, names in roles.items()
    ] or None


def forwards(town: TownLevel, servers: Mapping[str, str]) -> list[LogForward]:
    """List the ports of the collector to which the log server of the SMC forwards, in CEF."""
    declared = town.logs
    if declared is None or (host := declared.collector.host) not in servers:
        return []
    return [
        LogForward(name=host, address=servers[host], port=port, service=entry.transport, format="cef")
        for entry in declared.sources.values()
        if entry.kind == "smc_forwarding" and entry.transport in ("udp", "tcp") and (port := port_of(entry, declared))
    ]
