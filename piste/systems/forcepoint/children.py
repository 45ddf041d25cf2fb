"""Children of elements: documents of their own, under the path of their element.

Sources: the 7.4.1 model (`IpAddressList`, `ExternalEndpoint`, `VpnSite`, `GatewayNode`, `GatewayTunnel`); the vendor's
library 1.0.34 (`smc.vpn.elements`, `smc.vpn.policy`): a VPN is opened before its gateways change, on an SMC whose
document of the VPN has that link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from piste.engine.converge.errors import Misused
from piste.engine.converge.normalise import from_wire, to_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.reading import listed, mapped, reading, text
from piste.engine.converge.resource import UNSET, Field
from piste.engine.converge.secrets import Secret, Vault
from piste.engine.converge.values import stable
from piste.systems.forcepoint import references
from piste.systems.forcepoint.access_table import NODES, pair
from piste.systems.forcepoint.smc import Smc

Document = dict[str, Any]
Entries = Mapping[str, Mapping[str, Any]]
_GATEWAYS = "internal_gateway"


class Children:
    """Reads and writes the fields of elements that are documents of their own."""

    def __init__(self, smc: Smc) -> None:
        self.smc = smc
        self.said: list[str] = []
        """Answers of the SMC about what was written, for people."""

    # reading

    def read(self, path: str, field: Field) -> Any:
        """Read one field of the element at a path."""
        where = f"{path}/{field.part}"
        if field.name == "addresses":
            response = self.smc.read(where)
            return from_wire((field,), response.mapping("ip") if response else {"ip": []}, Vault(), {}, {})[field.name]
        with reading(where):
            if field.name in NODES:
                return sorted(self._gateway(document) for document in self._below(where))
            if field.name == "tunnels":
                return {name: self._entry(field, document) for name, document in self._tunnels(path).items()}
            return {_named(document): self._entry(field, document) for document in self._below(where)}

    def _below(self, where: str) -> list[Document]:
        entries = listed(self.smc.results(where))
        documents = [self.smc.document(references.path_of(entry["href"])) for entry in entries]
        return [document for document in documents if document is not None]

    def _gateway(self, node: Mapping[str, Any]) -> str:
        """Engine or external gateway of a node of a VPN."""
        href = text(node["gateway"])
        ref = self.smc.name(href)
        if references.split(ref)[0] == _GATEWAYS:
            ref = self.smc.name(text(mapped(self.smc.get(href))["cluster_ref"]))
        return ref

    def _tunnels(self, path: str) -> dict[str, Document]:
        """Tunnels of a VPN by their gateways; how an end is shown is [belief smc.tunnel_ends]."""
        return {
            pair(*(self._end(tunnel[f"gateway_node_{side}"]) for side in (1, 2))): tunnel
            for tunnel in self._below(f"{path}/gateway_tunnel")
        }

    def _end(self, node: Any) -> str:
        return self._gateway(mapped(self.smc.get(node) if isinstance(node, str) else node))

    def _entry(self, field: Field, document: Mapping[str, Any]) -> Item:
        wire = {name: value for name, value in document.items() if value not in (None, "")}
        for inner in field.of:
            if inner.normalise is references.reference and (value := wire.get(inner.wire_name)):
                names = [*map(self.smc.name, value)] if isinstance(value, list) else self.smc.name(value)
                wire[inner.wire_name] = names
        known = from_wire([inner for inner in field.of if not inner.secret], wire, Vault(), {}, {})
        return {inner.name: inner.default for inner in field.of if inner.default is not UNSET} | known

    # before the first write

    def refusals(self, operation: Operation) -> Iterator[str]:
        """Name what a VPN could not get: the gateway of an engine, a tunnel between its gateways."""
        before, after = operation.before or {}, operation.after or {}
        central, satellites, mobile = ({*({**before, **after}.get(name) or ())} for name in NODES)
        for ref in sorted(central | satellites | mobile):
            if references.split(ref)[0] in references.ENGINES and not self._gateways(ref):
                yield f"« {operation.name} » : {ref} n’a pas de passerelle VPN : ouvrez-lui-en une dans la console"
        for name, entry in (after.get("tunnels") or {}).items():
            ends = {*name.split(" > ")}
            is_new = stable(entry) != stable((before.get("tunnels") or {}).get(name))
            if is_new and not (ends & central and ends <= central | satellites):
                todo = "corrigez central, satellites ou tunnels"
                yield f"« {operation.name} » : aucun tunnel n’est possible entre {name} : {todo}"

    # writing

    def write(self, path: str, field: Field, before: Any, after: Any) -> None:
        """Bring one field of the element at a path to its value."""
        where = f"{path}/{field.part}"
        if field.name == "addresses":
            self.smc.post(where, {"ip": list(after or ())})
        elif field.name in NODES:
            self._write_nodes(path, field, after or ())
        elif field.name == "tunnels":
            self._write_tunnels(path, field, before or {}, after or {})
        else:
            self._write_entries(where, field, before or {}, after or {})

    def _write_entries(self, where: str, field: Field, before: Entries, after: Entries) -> None:
        """Write the entries of `after`, and remove those of `before` that it lacks."""
        live = {_named(document): document for document in self._below(where)}
        for name, entry in after.items():
            if name not in live:
                self.smc.create(where, {"name": name, **self._encoded(field, entry)})
            elif stable(self._entry(field, live[name])) != stable(entry):
                self._put(field, {**live[name], "name": name}, entry)
        for name in live.keys() & (before.keys() - after.keys()):
            self.smc.delete(references.own_path(live[name]), live[name]["etag"])

    def _write_nodes(self, path: str, field: Field, after: Sequence[str]) -> None:
        where = f"{path}/{field.part}"
        with self._opened(path):
            live = {self._gateway(document): document for document in self._below(where)}
            for ref in after:
                if ref not in live:
                    self.smc.create(where, {"gateway": self._gateway_address(ref), "node_usage": NODES[field.name]})
            for ref in live.keys() - {*after}:
                self.smc.delete(references.own_path(live[ref]), live[ref]["etag"])

    def _write_tunnels(self, path: str, field: Field, before: Entries, after: Entries) -> None:
        changed = {name: entry for name, entry in after.items() if stable(entry) != stable(before.get(name))}
        with self._opened(path):
            live = self._tunnels(path) if changed else {}
            if absent := sorted(changed.keys() - live.keys()):
                raise Misused(
                    f"aucun tunnel entre {', '.join(absent)}", where=path,
                    why="Le SMC fait les tunnels d’après les passerelles centrales et satellites.",
                    todo="Corrigez central, satellites ou tunnels.",
                )  # fmt: skip
            for name, entry in changed.items():
                self._put(field, live[name], entry)

    def _put(self, field: Field, document: Document, entry: Mapping[str, Any]) -> None:
        ours = {inner.wire_name for inner in field.of if not inner.secret}
        kept = {name: value for name, value in document.items() if name not in ours and name != "etag"}
        self.smc.put(references.own_path(document), {**kept, **self._encoded(field, entry)}, document["etag"])

    def _encoded(self, field: Field, entry: Mapping[str, Any]) -> Document:
        """Build the wire form of an entry; a value taken away is left out of the document."""
        addressed = {
            inner.name: [*map(self.smc.address, value)] if isinstance(value, list) else self.smc.address(value)
            for inner in field.of
            if inner.normalise is references.reference and (value := entry.get(inner.name))
        }
        return to_wire(field.of, {**entry, **addressed}, {})

    def _gateway_address(self, ref: str) -> str:
        """Address of an external gateway, or of the gateway that an engine has."""
        if references.split(ref)[0] not in references.ENGINES:
            return self.smc.address(ref)
        entry = self._gateways(ref)[0]
        return self.smc.root + references.path_of(entry["href"])

    def _gateways(self, ref: str) -> list[Mapping[str, Any]]:
        path = self.smc.path(ref)
        return [mapped(entry) for entry in listed(self.smc.results(f"{path}/{_GATEWAYS}"))] if path else []

    @contextmanager
    def _opened(self, path: str) -> Iterator[None]:
        """Open a VPN where its document has that link, and close it whatever happens."""
        document = mapped(self.smc.get(path))
        links = {text(link["rel"]): text(link["href"]) for link in listed(document.get("link"))}
        if "open" not in links:
            yield
            return
        self.smc.post(links["open"])
        try:
            yield
            self.smc.post(links["save"])
        finally:
            self.smc.post(links["close"])

    def validate(self, ref: str, path: str) -> None:
        """Ask the SMC what it thinks of a VPN, and note its words."""
        document = mapped(self.smc.get(f"{path}/validate"))
        if said := document.get("value"):
            self.said.append(f"{ref} : le SMC répond à sa vérification « {said} »")


def secrets_of(value: Any) -> list[Secret]:
    """List the secrets inside a canonical value."""
    if isinstance(value, Secret):
        return [value]
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [secret for each in inner for secret in secrets_of(each)]


def _named(document: Mapping[str, Any]) -> str:
    """Name of a child, without its address behind [belief smc.endpoint_name]."""
    name = text(document.get("deducted_name") or document["name"])
    return name.removesuffix(f" ({document.get('address')})")
