"""Services of an engine: DNS, NTP, log server, time zone, TLS that it decrypts.

They are attributes of the engine itself, so a change writes its whole document, as read, under its ETag. The SMC gives
no secret back [belief smc.engine_secrets]: an engine whose document would have some is not written here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.normalise import from_wire
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.progress import Progress
from piste.engine.converge.reading import amount, listed, mapped, reading, text, truth
from piste.engine.converge.values import stable
from piste.systems.forcepoint import versions
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
            refs = [*named, *([item["log_server"]] if item.get("log_server") else ()), *_certificates(item)]
            refs += [_TRUSTED] if item.get("client_protection") else []
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
                asked = None if whole else {name for item in desired for name in item}
                wire = self._decoded(document, asked)
                item = from_wire(self.resource.fields, wire, self.vault, {}, {})
            result.items[engine] = {"engine": engine, **item}
            result.documents[engine] = document
        if whole and not desired:
            result.abroad = self.abroad(ref for item in result.items.values() for ref in _references(item))
        return result

    def _decoded(self, document: Mapping[str, Any], asked: Collection[str] | None) -> dict[str, Any]:
        """Reduce an engine to the fields of the table.

        Naming an element is a read: a field that is not asked stays out.
        """
        servers = sorted(map(mapped, listed(document.get("domain_server_address"))), key=lambda entry: _rank(entry))
        clock = mapped(document.get("ntp_settings"))
        enabled = truth(clock.get("ntp_enable"))
        result: dict[str, Any] = {
            "dns": [self.smc.name(entry["ne_ref"]) if entry.get("ne_ref") else entry["value"] for entry in servers],
            "ntp": [self.smc.name(text(href)) for href in listed(clock.get("ntp_server_ref"))] if enabled else [],
        }
        if _wanted(asked, "log_server") and document.get("log_server_ref"):
            result["log_server_ref"] = self.smc.name(text(document["log_server_ref"]))
        if _wanted(asked, "client_protection") and (signs := versions.client_protection(document).get(_SIGNS)):
            result[versions.CLIENT_PROTECTION] = self.smc.name(text(signs))
        if _wanted(asked, "server_protection"):
            result["server_credential"] = [*map(self.smc.name, listed(document.get("server_credential")))]
        if document.get("timezone"):
            result["timezone"] = document["timezone"]
        return result

    # before the first write

    def label(self, key: str, item: Item) -> str:
        return f"services de {short(key)}"

    def refusals(self, operations: Sequence[Operation]) -> list[str]:
        reasons = [
            f"« {operation.name} » : les réglages du TLS déchiffré (autorités admises) ne reviendraient pas : "
            "déclarez l’autorité qui signe (firewall.inspection.tls), ou cessez de déchiffrer dans la console"
            for operation in operations
            if _ends_decryption(operation) and not self._is_usual(self.last.documents[operation.key])
        ]
        return reasons + [
            f"« {operation.name} » : {', '.join(names)} y porte un secret que le SMC ne redonne pas, et qu’une "
            "écriture perdrait : changez-le dans la console"
            for operation in operations
            if (names := sorted(_keys(self.last.documents[operation.key]) & set(_SECRETIVE)))
        ]

    def guards(self, operations: Sequence[Operation]) -> dict[str, str]:
        words = {
            f"log_server:{short(operation.key)}": "les journaux du pare-feu iraient à un autre serveur"
            for operation in operations
            if (before := (operation.before or {}).get("log_server"))
            and (operation.after or {}).get("log_server", before) != before
        }
        words |= {
            f"decryption:{short(operation.key)}": "le pare-feu ne déchiffrerait plus le TLS, et n’y verrait plus rien"
            for operation in operations
            if _ends_decryption(operation)
        }
        return words | {
            f"decryption:{short(operation.key)}": "une autorité que les postes n’admettent pas leur couperait le Web"
            for operation in operations
            if (signs := (operation.after or {}).get("client_protection"))
            and signs != (operation.before or {}).get("client_protection")
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
        if "server_protection" in changed:
            result["server_credential"] = [*map(self.smc.address, changed["server_protection"])]
        if "client_protection" in changed:
            result |= self._protection(changed["client_protection"], versions.client_protection(document))
        return result

    def _protection(self, signs: str | None, live: Mapping[str, Any]) -> dict[str, Any]:
        """Build the attribute of the decrypted TLS of clients [belief smc.tls_inspection]."""
        if signs is None:
            return {versions.CLIENT_PROTECTION: None}
        trusted = {} if live else {_ADMITTED: [self.smc.address(_TRUSTED)]}
        said = {**live, **trusted, _SIGNS: self.smc.address(signs), "proxy_usage": "tls_inspection"}
        return versions.with_client_protection(said, self.smc.api)


    def _is_usual(self, document: Mapping[str, Any]) -> bool:
        """Check that decrypted TLS has the attributes that Piste would give it again."""
        said = {name: value for name, value in versions.client_protection(document).items() if value and name != _SIGNS}
        admitted = [self.smc.name(text(href)) for href in listed(said.pop(_ADMITTED, None))]
        return admitted == [_TRUSTED] and said == {"proxy_usage": "tls_inspection"}


_PREFERRED, _SIGNS, _ADMITTED = "ntp_preferred_server_ref", "ca_for_signing_ref", "tls_trusted_ca_tag_ref"
_TRUSTED = "trusted_ca_tag/All Trusted CAs"
"""Authorities of sites that an engine admits where nothing is said [read in vendor code]."""


def _ends_decryption(operation: Operation) -> bool:
    before, after = operation.before or {}, operation.after or {}
    return bool(before.get("client_protection")) and not after.get("client_protection", True)


def _wanted(asked: Collection[str] | None, name: str) -> bool:
    return asked is None or name in asked


def _rank(entry: Mapping[str, Any]) -> float:
    return amount(entry.get("rank"))


def _references(item: Item) -> list[str]:
    named = [ref for ref in item.get("dns", ()) if "/" in ref]
    logs = [item["log_server"]] if item.get("log_server") else []
    return [*named, *item.get("ntp", ()), *logs, *_certificates(item)]


def _certificates(item: Item) -> list[str]:
    signs = [item["client_protection"]] if item.get("client_protection") else []
    return [*signs, *(item.get("server_protection") or ())]


def _keys(value: Any) -> set[str]:
    """Keys of a document, at any depth, that have a value."""
    if isinstance(value, Mapping):
        own = {str(name) for name, inner in value.items() if inner}
        return own.union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()
