"""Network policies: who is admitted, by which proof, into which VLAN.

Source: recorded exports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from piste.converge.errors import Fault
from piste.converge.plan import Item, Operation
from piste.converge.secrets import Vault
from piste.windows import dn as dns
from piste.windows.directory import Directory
from piste.windows.domain import DOMAIN
from piste.windows.names import Names
from piste.windows.nps import answers, beliefs, certificates, conditions, eap
from piste.windows.nps.certificates import Store
from piste.windows.nps.document import NETWORK_POLICIES, NETWORK_PROFILES, Document, Value
from piste.windows.nps.driver import flag, number
from piste.windows.nps.pair import Pair
from piste.windows.nps.policies import Policies, profile_texts
from piste.windows.nps.server import Server
from piste.windows.nps.tables import EAP_TYPES, GROUPS, METHODS, PREFIX
from piste.windows.nps.tables import NETWORK_POLICIES as TABLE
from piste.words import agreed

_BY_EAP = "5"
"""`msNPAuthenticationType2` of a profile that takes EAP."""
_NEW: Mapping[str, Value] = {
    "msRADIUSFramedProtocol": ("int", ["1"]),
    "msRADIUSServiceType": ("int", ["2"]),
}
"""What the console's wizard for 802.1X gives a profile: PPP, framed."""
_TEXTS = {"filter_id": "msRADIUSFilterId"}
_NUMBERS = {"session_timeout": "msRADIUSSessionTimeout", "idle_timeout": "msRADIUSIdleTimeout"}
_METHODS = {str(number): name for name, number in METHODS.items()}
_TYPES = {number: name for name, number in EAP_TYPES.items()}
CERTIFIED = frozenset({"tls", "peap"})
"""EAP methods by which the server proves itself."""


class NetworkPolicies(Policies):
    resource = TABLE
    options = (DOMAIN, PREFIX)
    place = NETWORK_POLICIES
    profiles = NETWORK_PROFILES
    said = frozenset(
        {
            "msNPAllowDialin",
            "msIgnoreUserDialinProperties",
            "msNPAuthenticationType2",
            "msNPAllowedEapType",
            "msEAPConfiguration",
            *answers.SAID,
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
        return {**item, "eap": [peap | one if _is_peap(one) else one for one in methods]}

    # groups and certificates

    def group_name(self, sid: str) -> str:
        return self.principals.name(sid)

    def group_sid(self, name: str) -> str:
        return name.upper() if _is_sid(name) else self.principals.sid(name)

    def learn(self, document: Document, names: Sequence[str]) -> None:
        texts = [text for name in names for text in document.values(NETWORK_POLICIES, name, "msNPConstraint")]
        if found := conditions.sids(texts):
            self.principals.learn(sids=found)

    def _store(self, server: Server) -> Store:
        if server.name not in self._stores:
            self._stores[server.name] = server.store(lambda held: self._templates.get(held, ()))
        return self._stores[server.name]

    @cached_property
    def _templates(self) -> Mapping[str, list[str]]:
        """Names of the templates of certificates, by what certificates hold."""
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
                yield self.fault(item, f"{where}.verbatim", "n'est pas la configuration de cette méthode")
            if named or "fast_reconnect" in method:
                yield self.fault(item, where, "verbatim dit tout : ni certificate, ni fast_reconnect à côté")
            return
        if name not in CERTIFIED:
            if named or "fast_reconnect" in method:
                yield self.fault(item, where, "cette méthode n'a ni certificate ni fast_reconnect")
            return
        if name != "peap" and "fast_reconnect" in method:
            yield self.fault(item, f"{where}.fast_reconnect", "n'a de sens que pour peap")
        if not named:
            if "fast_reconnect" in method and name == "peap":
                yield self.fault(item, f"{where}.fast_reconnect", "ne se dit qu'avec certificate")
        elif len(named) != 1:
            yield self.fault(item, f"{where}.certificate", "une seule chose : template, subject ou thumbprint")

    def _lacking_certificate(self, item: Item, method: Mapping[str, Any]) -> str:
        """What to say of a method whose certificate its server has not; empty where there is nothing to say."""
        named = method.get("certificate") or {}
        if method.get("method") not in CERTIFIED or len(named) != 1 or item["server"] not in self.servers:
            return ""
        if "verbatim" in method or self._store(self.servers[item["server"]]).find(named) is not None:
            return ""
        ((kind, what),) = named.items()
        words = {"template": "du modèle", "subject": "au nom de", "thumbprint": "d'empreinte"}[kind]
        return f"{item['server']} n'a pas de certificat de serveur en cours de validité {words} « {what} »"

    def refusals(self, operations: Sequence[Operation]) -> Iterator[str]:
        yield from super().refusals(operations)
        for operation in operations:
            after = {**self._before.get(operation.key, {}), **(operation.after or {})}
            grants = operation.after is not None and after.get("access", "grant") == "grant"
            if grants and not after.get("authentication") and not after.get("eap"):
                yield f"« {operation.name} » admet sans qu'aucune preuve ne soit donnée (authentication, eap)"
        for name, server in self.servers.items():
            mine = [one.after for one in operations if one.after and one.key.partition("/")[0] == name]
            made = {_number(one["method"]) for item in mine for one in item.get("eap", ()) if one.get("certificate")}
            if made:
                document = server.document(fresh=False)
                yield from (belief.why(name) for belief in beliefs.unsettled_methods(document, made))

    # the profile

    def read_profile(self, server: Server, document: Document, name: str, wanted: Item) -> Item:
        held = profile_texts(document, NETWORK_PROFILES, name)
        first = {one: texts[0] for one, texts in held.items()}
        item: Item = {
            "access": "grant" if flag(first.get("msNPAllowDialin", "0")) else "deny",
            "ignore_dial_in": flag(first.get("msIgnoreUserDialinProperties", "0")),
            "authentication": sorted(
                _METHODS[one] for one in held.get("msNPAuthenticationType2", ()) if one in _METHODS
            ),
            "eap": list(self._methods(server, held, wanted)),
            **answers.read(held),
        }
        for field, one in (*_TEXTS.items(), *_NUMBERS.items()):
            value = number(first.get(one, "")) if field in _NUMBERS else first.get(one)
            if value is not None:
                item[field] = value
        return item

    def _methods(self, server: Server, held: Mapping[str, list[str]], wanted: Item) -> Iterator[dict[str, Any]]:
        blobs = {_number_of(blob): blob for blob in held.get("msEAPConfiguration", ())}
        declared = {one.get("method"): one for one in wanted.get("eap", ())}
        for text in held.get("msNPAllowedEapType", ()):
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
        texts = profile_texts(document, NETWORK_PROFILES, name)
        held = {one: found[-1] for one, found in texts.items()}
        if not document.properties(NETWORK_PROFILES, name):
            yield "profil absent"
        yield from answers.unexpressed(texts)
        yield from (one for one in _NUMBERS.values() if one in texts and number(texts[one][0]) is None)
        yield from (one for one, (_, usual) in _NEW.items() if held.get(one, usual[0]) != usual[0])

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
        changes |= answers.written(changed, document.values(NETWORK_PROFILES, name, answers.VENDOR))
        for field, one in (*_TEXTS.items(), *_NUMBERS.items()):
            if field in changed:
                value = changed[field]
                changes[one] = ("int" if field in _NUMBERS else "string", [] if value is None else [str(value)])
        return changes

    def _proofs(self, server: Server, document: Document, name: str, changed: Item) -> dict[str, Value]:
        before = document.values(NETWORK_PROFILES, name, "msNPAuthenticationType2")
        plain = [str(METHODS[one]) for one in METHODS if one in changed.get("authentication", ())]
        if "authentication" not in changed:
            plain = [one for one in before if one != _BY_EAP]
        if "eap" not in changed:
            by_eap = [one for one in before if one == _BY_EAP]
            return {"msNPAuthenticationType2": ("int", [*by_eap, *plain])}
        methods = changed["eap"]
        blobs = {_number_of(blob): blob for blob in document.values(NETWORK_PROFILES, name, "msEAPConfiguration")}
        return {
            "msNPAuthenticationType2": ("int", [*([_BY_EAP] if methods else []), *plain]),
            "msNPAllowedEapType": ("bin.hex", [eap.kind(_number(one["method"])) for one in methods]),
            "msEAPConfiguration": (
                "bin.hex",
                [blob for one in methods if (blob := self._blob(server, document, one, blobs))],
            ),
        }

    def _blob(self, server: Server, document: Document, method: Mapping[str, Any], blobs: Mapping[int, str]) -> str:
        """Configuration of a method: what is there with another certificate, else as another policy has it."""
        kind = _number(method["method"])
        if "verbatim" in method:
            return str(method["verbatim"])
        if not method.get("certificate"):
            return ""
        certificate = self._store(server).find(method["certificate"])
        assert certificate is not None  # refused before the plan
        wanted = eap.Configured(certificate.thumbprint, bool(method.get("fast_reconnect")))
        model = blobs.get(kind, "")
        if not eap.read(model):
            model = next(beliefs.models(document, kind), "")
        return eap.changed(model, wanted) if model else eap.made(kind, wanted)


def _groups(item: Item) -> set[str]:
    held = item.get("conditions", {})
    return {name for field in GROUPS for name in held.get(field, ())}


def _is_sid(name: str) -> bool:
    """True for what names a group of another domain, or one that is gone: only an export says it so."""
    return name.upper().startswith("S-1-")


def _is_peap(method: Any) -> bool:
    """True for PEAP with a certificate, the only one that has more to say."""
    return isinstance(method, Mapping) and method.get("method") == "peap" and bool(method.get("certificate"))


def _number(method: str) -> int:
    return EAP_TYPES[method] if method in EAP_TYPES else int(method)


def _number_of(text: str) -> int:
    """Number of the method of a blob; 0, which is none, for what is no blob."""
    try:
        return eap.type_of(text)
    except ValueError:
        return 0
