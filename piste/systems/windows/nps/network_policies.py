"""Network policies: the groups admitted, their authentication, their VLAN.

Source: recorded exports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from piste.engine.converge.errors import Fault
from piste.engine.converge.plan import Item, Operation
from piste.engine.converge.secrets import Vault
from piste.engine.words import agreed
from piste.systems.windows import dn as dns
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN
from piste.systems.windows.names import Names
from piste.systems.windows.nps import attributes, beliefs, certificates, conditions, eap
from piste.systems.windows.nps.certificates import Store
from piste.systems.windows.nps.document import NETWORK_POLICIES, NETWORK_PROFILES, Document, Value
from piste.systems.windows.nps.driver import flag, number, of_server
from piste.systems.windows.nps.pair import Pair
from piste.systems.windows.nps.policies import Policies, profile_texts
from piste.systems.windows.nps.server import Server
from piste.systems.windows.nps.tables import EAP_TYPES, GROUPS, METHODS, PREFIX
from piste.systems.windows.nps.tables import NETWORK_POLICIES as TABLE

_BY_EAP = "5"
"""`msNPAuthenticationType2` of a profile that accepts EAP."""
_NEW: Mapping[str, Value] = {
    "msRADIUSFramedProtocol": ("int", ["1"]),
    "msRADIUSServiceType": ("int", ["2"]),
}
"""Properties that the console's 802.1X wizard gives a profile: PPP, framed."""
_TEXTS = {"filter_id": "msRADIUSFilterId"}
_NUMBERS = {"session_timeout": "msRADIUSSessionTimeout", "idle_timeout": "msRADIUSIdleTimeout"}
_METHODS = {str(number): name for name, number in METHODS.items()}
_TYPES = {number: name for name, number in EAP_TYPES.items()}
CERTIFIED = frozenset({"tls", "peap"})
"""EAP methods in which the server presents a certificate."""


class NetworkPolicies(Policies):
    resource = TABLE
    options = (DOMAIN, PREFIX)
    place = NETWORK_POLICIES
    profiles = NETWORK_PROFILES
    expressed = frozenset(
        {
            "msNPAllowDialin",
            "msIgnoreUserDialinProperties",
            "msNPAuthenticationType2",
            "msNPAllowedEapType",
            "msEAPConfiguration",
            *attributes.EXPRESSED,
            *_NEW,
            *_TEXTS.values(),
            *_NUMBERS.values(),
        }
    )

    def __init__(
        self,
        servers: Sequence[Server],
        owner: str,
        vault: Vault,
        prefix: Iterable[str] = (),
        *,
        directory: Directory,
        everything: bool = False,
    ) -> None:
        super().__init__(servers, owner, vault, prefix, everything=everything)
        self.directory, self.principals = directory, Names(directory)
        self._stores: dict[str, Store] = {}

    @classmethod
    def needs(cls, connection: Pair) -> Mapping[str, Any]:
        return {"directory": connection.directory}

    def filled(self, item: Mapping[str, Any]) -> dict[str, Any]:
        methods = item.get("eap")
        if not isinstance(methods, list):
            return dict(item)
        peap = {"fast_reconnect": True}
        return {**item, "eap": [peap | method if _is_peap(method) else method for method in methods]}

    # groups and certificates

    def group_name(self, sid: str) -> str:
        return self.principals.name(sid)

    def group_sid(self, name: str) -> str:
        return name.upper() if _is_sid(name) else self.principals.sid(name)

    def learn(self, document: Document, names: Sequence[str]) -> None:
        texts = [text for name in names for text in document.values(NETWORK_POLICIES, name, "msNPConstraint")]
        if sids := conditions.sids(texts):
            self.principals.learn(sids=sids)

    def _store(self, server: Server) -> Store:
        if server.name not in self._stores:
            self._stores[server.name] = server.store(lambda identifier: self._templates.get(identifier, ()))
        return self._stores[server.name]

    @cached_property
    def _templates(self) -> Mapping[str, list[str]]:
        """Names of the certificate templates, by the name or identifier in certificates."""
        known: dict[str, list[str]] = self.directory.shared.once(
            "certificate_templates", lambda: certificates.templates(self.directory)
        )
        return known

    # before the first write

    def faults(self, items: Sequence[Item]) -> Iterator[Fault]:
        yield from super().faults(items)
        mentioned = {name for item in items for name in _groups(item) if not _is_sid(name)}
        if mentioned:
            self.principals.learn(accounts=mentioned)
        planned = {dns.fold(name) for name in self.directory.shared.planned("group")} if mentioned else set()
        absent: dict[tuple[str, str], list[tuple[Item, str]]] = {}
        for item in items:
            for field in GROUPS:
                for name in item.get("conditions", {}).get(field, ()):
                    if dns.fold(name) not in planned and not self._known(name):
                        why = (dns.fold(name), "inconnu dans ce domaine")
                        absent.setdefault(why, []).append((item, f"conditions.{field}[{name}]"))
            for method in item.get("eap", ()):
                if lacking := self._lacking_certificate(item, method):
                    absent.setdefault(("", lacking), []).append((item, f"eap[{method['method']}].certificate"))
        for (_, message), ((first, field), *others) in absent.items():
            more = f" ; {agreed(len(others), 'autre(s) stratégie(s)')} de même" if others else ""
            yield self.fault(first, field, message + more)
        for item in items:
            for method in item.get("eap", ()):
                if "method" in method:
                    yield from self._method_faults(item, method)

    def _known(self, name: str) -> bool:
        try:
            return _is_sid(name) or bool(self.principals.sid(name))
        except KeyError:
            return False

    def _method_faults(self, item: Item, method: Mapping[str, Any]) -> Iterator[Fault]:
        name, named = method["method"], method.get("certificate") or {}
        where = f"eap[{name}]"
        if "verbatim" in method:
            if _number_of(method["verbatim"]) != _number(name):
                yield self.fault(item, f"{where}.verbatim", "n’est pas la configuration de cette méthode")
            if named or "fast_reconnect" in method:
                yield self.fault(item, where, "verbatim dit tout : ni certificate, ni fast_reconnect à côté")
            return
        if name not in CERTIFIED:
            if named or "fast_reconnect" in method:
                yield self.fault(item, where, "cette méthode n’a ni certificate ni fast_reconnect")
            return
        if name != "peap" and "fast_reconnect" in method:
            yield self.fault(item, f"{where}.fast_reconnect", "n’a de sens que pour peap")
        if not named:
            if "fast_reconnect" in method and name == "peap":
                yield self.fault(item, f"{where}.fast_reconnect", "ne se dit qu’avec certificate")
        elif len(named) != 1:
            yield self.fault(item, f"{where}.certificate", "une seule chose : template, subject ou thumbprint")

    def _lacking_certificate(self, item: Item, method: Mapping[str, Any]) -> str:
        """Return the fault of a method whose certificate its server lacks, or an empty text."""
        named = method.get("certificate") or {}
        if method.get("method") not in CERTIFIED or len(named) != 1 or item["server"] not in self.servers:
            return ""
        if "verbatim" in method or self._store(self.servers[item["server"]]).find(named) is not None:
            return ""
        ((kind, what),) = named.items()
        words = {"template": "du modèle", "subject": "au nom de", "thumbprint": "d’empreinte"}[kind]
        return f"{item['server']} n’a pas de certificat de serveur en cours de validité {words} « {what} »"

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        yield from super().refusals(operations)
        for operation in operations:
            after = {**self._before.get(operation.key, {}), **(operation.after or {})}
            grants = operation.after is not None and after.get("access", "grant") == "grant"
            if grants and not after.get("authentication") and not after.get("eap"):
                yield f"« {operation.name} » admet sans qu’aucune preuve ne soit donnée (authentication, eap)"
        for name, server in self.servers.items():
            items = [operation.after or {} for operation in of_server(operations, name)]
            methods = [method for item in items for method in item.get("eap", ())]
            made = {_number(method["method"]) for method in methods if method.get("certificate")}
            if made and beliefs.lacks_method(server.document(fresh=False), made):
                yield f"{name} : {beliefs.NO_MODEL}"

    # the profile

    def read_profile(self, server: Server, document: Document, name: str, desired: Item) -> Item:
        texts_of = profile_texts(document, NETWORK_PROFILES, name)
        first = {property_: texts[0] for property_, texts in texts_of.items()}
        item: Item = {
            "access": "grant" if flag(first.get("msNPAllowDialin", "0")) else "deny",
            "ignore_dial_in": flag(first.get("msIgnoreUserDialinProperties", "0")),
            "authentication": sorted(
                _METHODS[text] for text in texts_of.get("msNPAuthenticationType2", ()) if text in _METHODS
            ),
            "eap": list(self._methods(server, texts_of, desired)),
            **attributes.read(texts_of),
        }
        for field, property_ in (*_TEXTS.items(), *_NUMBERS.items()):
            value = number(first.get(property_, "")) if field in _NUMBERS else first.get(property_)
            if value is not None:
                item[field] = value
        return item

    def _methods(self, server: Server, texts_of: Mapping[str, list[str]], desired: Item) -> Iterator[dict[str, Any]]:
        blobs = {_number_of(blob): blob for blob in texts_of.get("msEAPConfiguration", ())}
        declared = {method.get("method"): method for method in desired.get("eap", ())}
        for text in texts_of.get("msNPAllowedEapType", ()):
            kind = _number_of(text)
            name = _TYPES.get(kind, str(kind))
            method: dict[str, Any] = {"method": name}
            if blob := blobs.get(kind):
                if configured := eap.read(blob):
                    if kind == eap.PEAP:
                        method["fast_reconnect"] = configured.fast_reconnect
                    named = declared.get(name, {}).get("certificate") or {}
                    method["certificate"] = self._store(server).name(configured.thumbprint, named)
                else:
                    method["verbatim"] = blob.strip().lower()
            yield method

    def unexpressed(self, document: Document, name: str) -> Iterator[str]:
        yield from super().unexpressed(document, name)
        texts_of = profile_texts(document, NETWORK_PROFILES, name)
        last = {property_: texts[-1] for property_, texts in texts_of.items()}
        if not document.properties(NETWORK_PROFILES, name):
            yield "profil absent"
        yield from attributes.unexpressed(texts_of)
        numbers = [property_ for property_ in _NUMBERS.values() if property_ in texts_of]
        yield from (property_ for property_ in numbers if number(texts_of[property_][0]) is None)
        yield from (property_ for property_, (_, usual) in _NEW.items() if last.get(property_, usual[0]) != usual[0])

    def profile(
        self, server: Server, document: Document, name: str, changed: Item, *, new: bool
    ) -> Mapping[str, Value]:
        changes: dict[str, Value] = dict(_NEW) if new else {}
        if new or "access" in changed:
            changes["msNPAllowDialin"] = ("boolean", [str(int(changed.get("access", "grant") == "grant"))])
        if new or "ignore_dial_in" in changed:
            changes["msIgnoreUserDialinProperties"] = ("boolean", [str(int(changed.get("ignore_dial_in", False)))])
        if "authentication" in changed or "eap" in changed:
            changes |= self._proofs(server, document, name, changed)
        changes |= attributes.written(changed, document.values(NETWORK_PROFILES, name, attributes.VENDOR))
        for field, property_ in (*_TEXTS.items(), *_NUMBERS.items()):
            if field in changed:
                value = changed[field]
                changes[property_] = ("int" if field in _NUMBERS else "string", [] if value is None else [str(value)])
        return changes

    def _proofs(self, server: Server, document: Document, name: str, changed: Item) -> dict[str, Value]:
        before = document.values(NETWORK_PROFILES, name, "msNPAuthenticationType2")
        plain = [str(METHODS[method]) for method in METHODS if method in changed.get("authentication", ())]
        if "authentication" not in changed:
            plain = [text for text in before if text != _BY_EAP]
        if "eap" not in changed:
            by_eap = [text for text in before if text == _BY_EAP]
            return {"msNPAuthenticationType2": ("int", [*by_eap, *plain])}
        methods = changed["eap"]
        blobs = {_number_of(blob): blob for blob in document.values(NETWORK_PROFILES, name, "msEAPConfiguration")}
        return {
            "msNPAuthenticationType2": ("int", [*([_BY_EAP] if methods else []), *plain]),
            "msNPAllowedEapType": ("bin.hex", [eap.kind(_number(method["method"])) for method in methods]),
            "msEAPConfiguration": (
                "bin.hex",
                [blob for method in methods if (blob := self._blob(server, document, method, blobs))],
            ),
        }

    def _blob(self, server: Server, document: Document, method: Mapping[str, Any], blobs: Mapping[int, str]) -> str:
        """Return the blob of a method, with the declared certificate.

        Its other bytes come from the live blob, else from another policy.
        """
        kind = _number(method["method"])
        if "verbatim" in method:
            return str(method["verbatim"])
        if not method.get("certificate"):
            return ""
        certificate = self._store(server).find(method["certificate"])
        assert certificate is not None  # refused before the plan
        desired = eap.Configured(certificate.thumbprint, bool(method.get("fast_reconnect")))
        model = blobs.get(kind, "")
        if not eap.read(model):
            model = next(beliefs.models(document, kind), "")
        return eap.changed(model, desired) if model else eap.made(kind, desired)


def _groups(item: Item) -> set[str]:
    conditions = item.get("conditions", {})
    return {name for field in GROUPS for name in conditions.get(field, ())}


def _is_sid(name: str) -> bool:
    """Return True for a SID: so an export names a deleted group, or a group of another domain."""
    return name.upper().startswith("S-1-")


def _is_peap(method: Any) -> bool:
    """Return True for PEAP with a certificate, the only method that has `fast_reconnect`."""
    return isinstance(method, Mapping) and method.get("method") == "peap" and bool(method.get("certificate"))


def _number(method: str) -> int:
    return EAP_TYPES[method] if method in EAP_TYPES else int(method)


def _number_of(text: str) -> int:
    """Return the number of the method of a blob; 0, the number of no method, for another text."""
    try:
        return eap.type_of(text)
    except ValueError:
        return 0
