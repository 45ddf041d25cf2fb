"""Log servers of an SMC: the hosts to which they forward the logs of engines.

An engine sends its logs to its log server alone, which forwards them. What people forward elsewhere stays, and so do
the attributes that the table does not say. Sources: the 7.4.1 model (`LogServer`, `NetflowCollector`), the vendor's
library 1.0.34 (`smc/elements/servers.py`), the product guide 7.0 (Log Forwarding): no policy has to be installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import listed, mapped, number, optional, reading, text
from piste.engine.converge.resource import Field, Resource, Shape
from piste.engine.converge.values import stable
from piste.systems.forcepoint.driver import Gathered, SmcDriver
from piste.systems.forcepoint.references import reference, split

KIND = "log_server"
SERVICES = ("udp", "tcp", "tcp_with_tls")
_SECRETS = ("api_key", "password")
"""Keys of a log server that the SMC does not give back, which a whole write might lose [belief smc.secrets_hidden]."""
FORWARDING = {
    "format": "netflow_collector_version",
    "data": "data_context",
    "filter": "filter",
    "tls_profile": "tls_profile",
}
_REFERENCES = ("data", "filter", "tls_profile")
_SAID = frozenset({*FORWARDING.values(), "host", "netflow_collector_port", "netflow_collector_service"})


def server(ref: str) -> str:
    """Normalise a log server, `log_server/name`. Raises `ValueError`."""
    if split(reference(ref))[0] != KIND:
        raise ValueError(ref)
    return ref


def target(words: str) -> str:
    """Normalise a target, `host/hdv-log1:514/udp`; `#2` is a second rule. Raises `ValueError`."""
    ref, port, service, rank = _parts(words)
    if not 0 < int(port) < 65536 or service not in SERVICES or rank < 1:
        raise ValueError(words)
    return _target(ref, int(port), service, rank)


def _parts(words: str) -> tuple[str, str, str, int]:
    """Split a target into host, port, service, rank; a name may have any of the signs."""
    place, _, last = words.strip().rpartition("/")
    service, _, rank = last.partition("#")
    ref, _, port = place.rpartition(":")
    return reference(ref), port, service, int(rank or 1)


def _target(ref: str, port: int, service: str, rank: int) -> str:
    return f"{ref}:{port}/{service}" + (f"#{rank}" if rank > 1 else "")


LOG_SERVERS = Resource(
    system="smc",
    name="log_server",
    doc="Serveur de journaux",
    shape=Shape.FIXED,
    key=("server",),
    fields=(
        Field("server", "Log server, C(log_server/name).", required=True, normalise=server),
        Field(
            "forwards",
            "Hosts to which it forwards logs, C(host/name:port/service), service C(udp), C(tcp) or C(tcp_with_tls); "
            "null takes one away.",
            type="map",
            normalise_key=target,
            of=(
                Field("format", "Format of the logs: C(cef), C(leef), C(csv), C(xml)…", required=True),
                Field("data", "Kind of logs, C(data_context/name).", normalise=reference),
                Field("filter", "Logs to forward, C(filter_expression/name); all without it.", normalise=reference),
                Field("tls_profile", "Profile of a TLS connection, C(tls_profile/name).", normalise=reference),
            ),
        ),
    ),
)


class LogServers(SmcDriver):
    resource = LOG_SERVERS
    rests = (("smc.log_server", ""),)
    states = ("merged", "gathered")
    locked = ("log_servers",)

    # declaration

    def lacks(self, item: Item) -> str:
        """Say that a log server is not there: it comes with the installation of the SMC."""
        return "" if self.smc.path(item["server"]) else f"attend {item['server']}, que ce SMC n’a pas"

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        return [fault for item in desired if "server" in item for fault in self._faults(item)]

    def _faults(self, item: Item) -> Iterator[Fault]:
        for name, entry in _forwards(item).items():
            where = f"config[{item['server']}].forwards[{name}]"
            host, _, service, _ = _parts(name)
            for ref in self.missing([host, *(entry[field] for field in _REFERENCES if entry.get(field))]):
                yield Fault(where, f"désigne « {ref} », qui n’existe pas et n’est pas déclaré")
            if service == "tcp_with_tls" and not entry.get("tls_profile"):
                yield Fault(where, "une liaison chiffrée (tcp_with_tls) veut tls_profile")

    # reading

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> Gathered:
        every = [f"{KIND}/{name}" for name in self.smc.listing(KIND)] if whole and not desired else []
        refs = [ref for ref in every or sorted({str(item["server"]) for item in desired}) if self.smc.path(ref)]
        result = Gathered()
        for ref, document in zip(refs, self.smc.documents(map(self.smc.path, refs)), strict=True):
            if document is None:
                continue
            with reading(ref):
                entries = {name: self._decoded(entry) for name, entry in _named(self.smc.name, document)}
                for _, entry in _named(self.smc.name, document):
                    result.unknown |= {name for name, value in entry.items() if value} - _SAID
            result.items[ref] = {"server": ref, "forwards": {name: entries[name] for name in sorted(entries)}}
            result.documents[ref] = {**document, "path": self.smc.path(ref)}
        if every:
            result.abroad = self.abroad(ref for item in result.items.values() for ref in _designated(item))
        return result

    def _decoded(self, entry: Mapping[str, Any]) -> Item:
        item = {name: optional(text, entry.get(wire)) for name, wire in FORWARDING.items()}
        return {name: self.smc.name(value) if name in _REFERENCES else value for name, value in item.items() if value}

    # before the first write

    def label(self, key: str, item: Item) -> str:
        return f"journaux de {split(key)[1]}"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        return [
            f"« {operation.name} » : {', '.join(names)} y est un secret que le SMC ne redonne pas, et qu’une écriture "
            "perdrait : changez-le dans la console"
            for operation in operations
            if (names := _secrets(self.last.documents[operation.key]))
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"log_server:{split(operation.key)[1]}": f"des journaux n’iraient plus à {', '.join(gone)}"
            for operation in operations
            if (gone := sorted(_forwards(operation.before).keys() - _forwards(operation.after).keys()))
        }

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            document = self.last.documents[operation.key]
            kept = {name: value for name, value in document.items() if name not in ("path", "etag")}
            with self.sending(progress, operation):
                body = {**kept, "netflow_collector": self._collectors(operation, document)}
                self.smc.put(document["path"], body, document["etag"])
            progress.done(operation)

    def _collectors(self, operation: Operation, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Build the rules of forwarding: those that stay in their place, then the new."""
        wanted, before = _forwards(operation.after), _forwards(operation.before)
        gone = before.keys() - wanted.keys()
        changed = {name for name, entry in wanted.items() if stable(entry) != stable(before.get(name))}
        live = dict(_named(self.smc.name, document))
        return [
            *(
                self._encoded(name, wanted[name], entry) if name in changed else entry
                for name, entry in live.items()
                if name not in gone
            ),
            *(self._encoded(name, wanted[name], {}) for name in wanted if name in changed and name not in live),
        ]

    def _encoded(self, name: str, item: Item, live: Mapping[str, Any]) -> dict[str, Any]:
        host, port, service, _ = _parts(name)
        said = {
            FORWARDING[name]: self.smc.address(value) if name in _REFERENCES else value for name, value in item.items()
        }
        return {
            **{key: value for key, value in live.items() if key not in _SAID},
            "host": self.smc.address(host),
            "netflow_collector_port": int(port),
            "netflow_collector_service": service,
            **said,
        }


def _named(name: Any, document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rules of forwarding of a log server by target; `name` reads an address."""
    seen: dict[str, int] = {}
    for entry in map(mapped, listed(document.get("netflow_collector"))):
        host, port = name(text(entry["host"])), int(number(entry["netflow_collector_port"]))
        service = text(entry["netflow_collector_service"])
        place = _target(host, port, service, 1)
        seen[place] = seen.get(place, 0) + 1
        yield _target(host, port, service, seen[place]), dict(entry)


def _forwards(item: Item | None) -> dict[str, Any]:
    return {name: entry for name, entry in ((item or {}).get("forwards") or {}).items() if entry is not None}


def _designated(item: Item) -> Iterator[str]:
    for name, entry in _forwards(item).items():
        yield _parts(name)[0]
        yield from (entry[field] for field in _REFERENCES if entry.get(field))


def _secrets(document: Mapping[str, Any]) -> list[str]:
    login = mapped(document.get("elasticsearch_authentication_settings") or {})
    return sorted({name for name in _SECRETS if login.get(name)} | ({"login"} if login.get("login") else set()))
