"""VPN gateway of an engine: its clients, the addresses that they get, its endpoints.

The gateway and its endpoints are documents of their own, made by the SMC: an endpoint for each address of an interface.
Certificates are read by doctor; their keys stay in the engine. Sources: the 7.4.1 model (`InternalGateway`,
`InternalEndpoint`, `DhcpClientConfiguration`), the vendor's library 1.0.34 (`smc.core.engine`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.normalise import from_wire, to_wire
from piste.engine.converge.overlay import restrict
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, mapped, optional, reading, text, truth
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.values import stable
from piste.systems.forcepoint import references
from piste.systems.forcepoint.children import Children
from piste.systems.forcepoint.driver import Gathered
from piste.systems.forcepoint.element_table import address, ip_range
from piste.systems.forcepoint.engine_table import ENGINE
from piste.systems.forcepoint.engines import EngineDriver, short
from piste.systems.forcepoint.references import reference
from piste.systems.forcepoint.smc import Smc

Document = dict[str, Any]
_MODES = ("none", "direct", "relay")
_ADDS = ("none", "user", "group")
"""What numbers mean on the wire, in their order [read in vendor code]."""
_LISTS = (
    ("ranges", "restricted_address_enabled", "restricted_address_list"),
    ("proxy_arp", "use_arp_proxy_enabled", "proxy_arp_address_list"),
)
"""Lists of a pool: whether each serves, and its addresses."""
_ENDPOINT = (
    Field("enabled", "Whether it serves.", type="bool", wire="enabled", required=True),
    Field("ipsec_vpn", "Whether it takes tunnels.", type="bool", wire="ipsec_vpn"),
    Field("ssl_vpn_tunnel", "Whether it takes clients over TLS.", type="bool", wire="ssl_vpn_tunnel"),
    Field("ssl_vpn_portal", "Whether it shows the portal.", type="bool", wire="ssl_vpn_portal"),
    Field("nat_t", "Whether translation on the way is allowed for.", type="bool", wire="nat_t"),
    Field("force_nat_t", "Whether it always is.", type="bool", wire="force_nat_t"),
    Field("udp_encapsulation", "Whether UDP carries the tunnels.", type="bool", wire="udp_encapsulation"),
    Field("connection_type", "Whether it is active, C(connection_type/name).", wire="connection_type_ref",
          normalise=reference),
)  # fmt: skip
_POOL = (
    Field("mode", "Whether clients get addresses from DHCP servers, and how.", choices=_MODES),
    Field("servers", "Those servers, C(dhcp_server/name) each.", type="list", unordered=True, normalise=reference),
    Field("interfaces", "Addresses of the engine that relay.", type="list", unordered=True, normalise=address),
    Field("ranges", "The only addresses that clients may have, C(a-b) each.", type="list", normalise=ip_range),
    Field("proxy_arp", "Addresses for which the engine answers ARP, C(a-b) each.", type="list", normalise=ip_range),
    Field("tells", "What the servers are told of the client.", choices=_ADDS),
)
GATEWAYS = Resource(
    system="smc",
    name="engine_gateway",
    doc="Passerelle VPN du pare-feu",
    shape=Shape.FIXED,
    key=("engine",),
    fields=(
        ENGINE,
        Field("client_mode", "How people's clients come in.", wire="vpn_client_mode",
              choices=("no", "ipsec", "ssl", "both")),
        Field("trust_all_cas", "Whether a certificate of any known authority is taken.", type="bool",
              wire="trust_all_cas"),
        Field("authorities", "Authorities whose certificates are taken, C(type/name) each.", type="list",
              wire="trusted_certificate_authorities", unordered=True, normalise=reference),
        Field("pool", "Addresses of clients.", type="dict", wire="dhcp_relay", of=_POOL),
        Field("endpoints", "Its endpoints, which follow the addresses of interfaces, C(192.0.2.2) each.", type="map",
              part="internal_endpoint", of=_ENDPOINT),
    ),
)  # fmt: skip


class EngineGateways(EngineDriver):
    resource = GATEWAYS
    rests = (("smc.vpn", ""),)
    states = ("merged", "gathered")

    # declaration

    def lacks(self, item: Item) -> str:
        engine = str(item["engine"])
        if said := super().lacks(item):
            return said
        count = len(self._gateways(engine))
        if count == 0:
            return f"attend la passerelle VPN de {engine} : ouvrez-la dans la console"
        return f"« {engine} » a {count} passerelles VPN : réglez-les dans la console" if count > 1 else ""

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        return [
            Fault(f"config[{item.get('engine')}]", f"désigne « {ref} », qui n’existe pas et n’est pas déclaré")
            for item in desired
            for ref in self.missing(_designated(item))
        ]

    # reading

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> Gathered:
        engines = self.named(desired) if desired or not whole else self.engines.every()
        result = Gathered()
        asked = {str(item["engine"]): _entries(item) for item in desired}
        for engine in engines:
            paths = self._gateways(engine)
            document = self.smc.document(paths[0]) if len(paths) == 1 else None
            if document is None:
                continue
            with reading(engine):
                item = from_wire(self.resource.body, _decoded(self.smc, document), self.vault, {}, {})
                for field in self.resource.parts:
                    entries = Children(self.smc).read(paths[0], field)
                    if desired:
                        said = asked.get(engine, {})
                        item[field.name] = {
                            name: restrict(entry, said.get(name, entry)) for name, entry in entries.items()
                        }
                    else:
                        # An export has those that serve: the others are as the SMC makes them.
                        item[field.name] = {name: entry for name, entry in entries.items() if entry["enabled"]}
            result.items[engine] = {"engine": engine, **item}
            result.documents[engine] = {**document, "path": paths[0]}
        if whole and not desired:
            result.abroad = self.abroad(ref for item in result.items.values() for ref in _designated(item))
        return result

    def _gateways(self, engine: str) -> list[str]:
        path = self.smc.path(engine)
        entries = listed(self.smc.results(f"{path}/internal_gateway")) if path else []
        return [references.path_of(entry["href"]) for entry in entries]

    # before the first write

    def label(self, key: str, item: Item) -> str:
        return f"passerelle VPN de {short(key)}"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        planned = self.smc.shared.planned("engine_interface") if self.request.check else ()
        return [
            f"« {operation.name} » : {name} : les points d’accès suivent les adresses des interfaces"
            for operation in operations
            if not any(key.endswith(f"/{operation.key}") for key in planned)
            for name in sorted(_entries(operation.after).keys() ^ _entries(operation.before).keys())
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"vpn:{short(operation.key)}": "des tunnels ou des clients tomberaient, à l’installation de la politique"
            for operation in operations
            if operation.before
        }

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            self.engines.forget(operation.key)
            with self.sending(progress, operation):
                self._write(operation)
            progress.done(operation)

    def _write(self, operation: Operation) -> None:
        before, after = operation.before or {}, operation.after or {}
        document = self.last.documents[operation.key]
        changed = {name: after[name] for name in after if stable(after[name]) != stable(before.get(name))}
        parts = {field: changed.pop(field.name) for field in self.resource.parts if field.name in changed}
        if changed:
            kept = {name: value for name, value in document.items() if name not in ("path", "etag")}
            body = {**kept, **_encoded(self.smc, changed, mapped(document.get("dhcp_relay") or {}))}
            self.smc.put(document["path"], body, document["etag"])
        for field, entries in parts.items():
            live = Children(self.smc).read(document["path"], field)
            whole = {name: {**live.get(name, {}), **entry} for name, entry in entries.items()}
            Children(self.smc).write(document["path"], field, before.get(field.name), whole)


def _decoded(smc: Smc, document: Mapping[str, Any]) -> Document:
    """Reduce a gateway to the fields of the table."""
    wire = {name: value for name, value in document.items() if value not in (None, "")}
    wire["trusted_certificate_authorities"] = [
        smc.name(text(href)) for href in listed(document.get("trusted_certificate_authorities"))
    ]
    pool = mapped(document.get("dhcp_relay") or {})
    wire["dhcp_relay"] = {
        "mode": _named(_MODES, pool.get("dhcp_client_mode")),
        "servers": [smc.name(text(href)) for href in listed(pool.get("dhcp_server_ref"))],
        "interfaces": [text(each) for each in listed(pool.get("dhcp_client_interface"))],
        "ranges": _ranges(pool, "restricted_address_list") if truth(pool.get("restricted_address_enabled")) else [],
        "proxyArp": _ranges(pool, "proxy_arp_address_list") if truth(pool.get("use_arp_proxy_enabled")) else [],
        "tells": _named(_ADDS, pool.get("dhcp_add_info")),
    }
    return wire


def _named(words: Sequence[str], value: Any) -> str:
    at = int(value or 0)
    return words[at] if at < len(words) else str(at)


def _ranges(pool: Mapping[str, Any], name: str) -> list[str]:
    return [part.strip() for part in (optional(text, pool.get(name)) or "").split(";") if part.strip()]


def _encoded(smc: Smc, changed: Item, live: Mapping[str, Any]) -> Document:
    """Build the attributes of a gateway that change."""
    said = {**changed, **_addressed(smc, changed, "authorities")}
    pool = said.pop("pool", None)
    result = to_wire(GATEWAYS.body, said, {})
    if pool is not None:
        result["dhcp_relay"] = {**live, **_pooled(smc, pool)}
    return result


def _pooled(smc: Smc, pool: Item) -> Document:
    """Build the attributes of what is declared of the addresses of clients: the rest stays."""
    result: Document = {}
    if "mode" in pool:
        result["dhcp_client_mode"] = _MODES.index(pool["mode"])
    if "servers" in pool:
        result["dhcp_server_ref"] = [*map(smc.address, pool["servers"])]
    if "interfaces" in pool:
        result["dhcp_client_interface"] = [*pool["interfaces"]]
    for name, enabled, addresses in _LISTS:
        if name in pool:
            result |= {enabled: bool(pool[name]), addresses: "; ".join(pool[name])}
    if "tells" in pool:
        result["dhcp_add_info"] = _ADDS.index(pool["tells"])
    return result


def _addressed(smc: Smc, item: Item, name: str) -> Item:
    value = item.get(name)
    if not value:
        return {}
    return {name: [*map(smc.address, value)] if isinstance(value, list) else smc.address(value)}


def _entries(item: Item | None) -> dict[str, Item]:
    return {name: entry for name, entry in ((item or {}).get("endpoints") or {}).items() if entry is not None}


def _designated(item: Item) -> Iterator[str]:
    yield from item.get("authorities") or ()
    yield from (item.get("pool") or {}).get("servers") or ()
    yield from (entry["connection_type"] for entry in _entries(item).values() if entry.get("connection_type"))
