"""Services of an engine: DNS, NTP, log server, time zone.

They are attributes of the engine itself, so a change writes its whole document, as read, under its ETag. The SMC gives
no secret back [belief smc.engine_secrets]: an engine whose document would have some is not written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.normalise import from_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import amount, listed, mapped, reading, text, truth
from piste.engine.converge.values import stable
from piste.systems.forcepoint.driver import Gathered
from piste.systems.forcepoint.engine_table import SETTINGS
from piste.systems.forcepoint.engines import EngineDriver, short

_SECRETIVE = ("pppoe_username", "wireless_interface", "modem_interface")
"""Keys of documents that also have a secret, which a whole write might lose [belief smc.engine_secrets]."""


class EngineSettings(EngineDriver):
    resource = SETTINGS
    rests = (("smc.engine_secrets", ""),)
    states = ("merged", "gathered")

    # declaration

    def check(self, desired: Sequence[Item]) -> Sequence[Fault]:
        faults = []
        for item in desired:
            named = [*(item.get("ntp") or ()), *(ref for ref in item.get("dns") or () if "/" in ref)]
            refs = [*named, *([item["log_server"]] if item.get("log_server") else ())]
            where = f"config[{item.get('engine')}]"
            faults += [
                Fault(where, f"désigne « {ref} », qui n’existe pas et n’est pas déclaré") for ref in self.missing(refs)
            ]
        return faults

    # reading

    def read(self, desired: Sequence[Item], *, whole: bool, fresh: bool) -> Gathered:
        engines = self.named(desired) if desired or not whole else self.engines.every()
        result = Gathered()
        for engine in engines:
            document = self.engines.document(engine, fresh=fresh)
            if document is None:
                continue
            with reading(engine):
                wire = self._decoded(document, logs=whole or any("log_server" in item for item in desired))
                item = from_wire(self.resource.fields, wire, self.vault, {}, {})
            result.items[engine] = {"engine": engine, **item}
            result.documents[engine] = document
        if whole and not desired:
            result.abroad = self.abroad(ref for item in result.items.values() for ref in _references(item))
        return result

    def _decoded(self, document: Mapping[str, Any], *, logs: bool) -> dict[str, Any]:
        """Reduce an engine to the fields of the table; naming its log server is a read."""
        servers = sorted(map(mapped, listed(document.get("domain_server_address"))), key=lambda entry: _rank(entry))
        clock = mapped(document.get("ntp_settings"))
        enabled = truth(clock.get("ntp_enable"))
        result: dict[str, Any] = {
            "dns": [self.smc.name(entry["ne_ref"]) if entry.get("ne_ref") else entry["value"] for entry in servers],
            "ntp": [self.smc.name(text(href)) for href in listed(clock.get("ntp_server_ref"))] if enabled else [],
        }
        if logs and document.get("log_server_ref"):
            result["log_server_ref"] = self.smc.name(text(document["log_server_ref"]))
        if document.get("timezone"):
            result["timezone"] = document["timezone"]
        return result

    # before the first write

    def label(self, key: str, item: Item) -> str:
        return f"services de {short(key)}"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        return [
            f"« {operation.name} » : {', '.join(names)} y porte un secret que le SMC ne redonne pas, et qu’une "
            "écriture perdrait : changez-le dans la console"
            for operation in operations
            if (names := sorted(_keys(self.last.documents[operation.key]) & set(_SECRETIVE)))
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        return {
            f"log_server:{short(operation.key)}": "les journaux du pare-feu iraient à un autre serveur"
            for operation in operations
            if (before := (operation.before or {}).get("log_server"))
            and (operation.after or {}).get("log_server", before) != before
        }

    # writing

    def apply(self, operations: Sequence[Operation], progress: Progress) -> None:
        for operation in operations:
            self.engines.forget(operation.key)
            with self.sending(progress, operation):
                document = self.last.documents[operation.key]
                kept = {name: value for name, value in document.items() if name not in ("path", "etag")}
                self.smc.put(document["path"], {**kept, **self._wire(operation, document)}, document["etag"])
            progress.done(operation)
            self.engines.forget(operation.key)

    def _wire(self, operation: Operation, document: Mapping[str, Any]) -> dict[str, Any]:
        """Build the attributes that change."""
        before, after = operation.before or {}, operation.after or {}
        changed = {name: after[name] for name in after if stable(after[name]) != stable(before.get(name))}
        result: dict[str, Any] = {}
        if "dns" in changed:
            result["domain_server_address"] = [
                {"rank": rank, **({"ne_ref": self.smc.address(each)} if "/" in each else {"value": each})}
                for rank, each in enumerate(changed["dns"])
            ]
        if "ntp" in changed:
            servers = [self.smc.address(ref) for ref in changed["ntp"]]
            kept = {name: value for name, value in mapped(document.get("ntp_settings")).items() if name != _PREFERRED}
            result["ntp_settings"] = {**kept, "ntp_enable": bool(servers), "ntp_server_ref": servers}
            preferred = mapped(document.get("ntp_settings")).get(_PREFERRED)
            if preferred in servers:
                result["ntp_settings"][_PREFERRED] = preferred
        if "log_server" in changed:
            result["log_server_ref"] = self.smc.address(changed["log_server"])
        if "time_zone" in changed:
            result["timezone"] = changed["time_zone"]
        return result


_PREFERRED = "ntp_preferred_server_ref"


def _rank(entry: Mapping[str, Any]) -> float:
    return amount(entry.get("rank"))


def _references(item: Item) -> list[str]:
    named = [ref for ref in item.get("dns", ()) if "/" in ref]
    return [*named, *item.get("ntp", ()), *([item["log_server"]] if item.get("log_server") else ())]


def _keys(value: Any) -> set[str]:
    """Keys of a document, at any depth, that have a value."""
    if isinstance(value, Mapping):
        own = {str(name) for name, inner in value.items() if inner}
        return own.union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()
