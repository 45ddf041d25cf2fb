"""Access from outside: who comes in by which VPN, how people prove who they are, until when.

What is planned is judged, and written nowhere. The access of a third party ends on a day; once it is over, it is
reported, and its VPN is removed like any other that is not open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from netaddr import IPNetwork
from pydantic import AfterValidator, Field, model_validator

from . import values
from .forms import Address, Date, Form, Marked, Network, PortNumber, Title
from .third_parties import ThirdPartyName, check_name

if TYPE_CHECKING:
    from .declaration import Declaration
    from .paths import KeyPath
    from .view import View

AccessId = Annotated[str, AfterValidator(values.flow_id)]
Encryption = Literal["des", "3des", "blowfish", "aes-128", "aes-256", "aes-gcm-128", "aes-gcm-256"]
Integrity = Literal["md5", "sha1", "sha2-256", "sha2-384", "sha2-512"]
Group = Literal[1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21]
Protocol = Literal["ldap", "ldaps", "ldap_tls"]
SecondFactor = Literal["one_time_code", "push", "security_key", "certificate"]
WEAK: Mapping[str, frozenset[str | int]] = {
    "encryption": frozenset({"des", "3des", "blowfish"}),
    "integrity": frozenset({"md5", "sha1"}),
    "groups": frozenset({1, 2, 5}),
}
"""What a VPN of the town never takes: broken ciphers and hashes, groups of less than 2048 bits."""


class DeclaredMethod(Marked):
    """A way to prove who one is: the RADIUS servers that are asked, in order.

    `second_factor` says what is asked besides the password.
    """

    label: Title
    servers: Annotated[list[str], Field(min_length=1)]
    port: PortNumber = 1812
    second_factor: SecondFactor | None = None


class DeclaredLookup(Marked):
    """Reading of the directory by the firewall, with `account`, a distinguished name.

    Its secret is in the vault; `tls_profile` is the profile of the SMC that checks the servers' certificates.
    """

    servers: Annotated[list[str], Field(min_length=1)]
    protocol: Protocol
    account: str
    tls_profile: str | None = None


class DeclaredCiphers(Marked):
    """Ciphers that tunnels take, and authorities of the SMC whose certificates they take."""

    encryption: Annotated[list[Encryption], Field(min_length=1)]
    integrity: Annotated[list[Integrity], Field(min_length=1)]
    groups: Annotated[list[Group], Field(min_length=1)]
    authorities: list[str] = Field(default_factory=list)


class DeclaredAccess(Marked):
    """A way in: a planned one is judged and not written; `third_party` is whom it serves."""

    label: Title
    state: Literal["planned", "open"]
    third_party: ThirdPartyName | None = None
    why: str
    until: Date | None = None
    permanent: str | None = None

    @model_validator(mode="after")
    def _ends_or_says_why_not(self) -> DeclaredAccess:
        if (self.until is None) == (self.permanent is None):
            raise values.refuse("l’accès dit quand il finit (until), ou pourquoi il n’a pas de fin (permanent)")
        return self


class DeclaredEntry(DeclaredAccess):
    """A VPN by which people come in, with their shared segment and their method."""

    segment: str
    method: str


class DeclaredGateway(DeclaredAccess):
    """A tunnel to the gateway of a third party: its address, the networks behind it.

    Its key is in the vault.
    """

    third_party: ThirdPartyName
    address: Address
    networks: Annotated[list[Network], Field(min_length=1)]


class DeclaredRemoteAccess(Form):
    ciphers: DeclaredCiphers
    directory: DeclaredLookup | None = None
    methods: dict[AccessId, DeclaredMethod] = Field(default_factory=dict)
    entries: dict[AccessId, DeclaredEntry] = Field(default_factory=dict)
    gateways: dict[AccessId, DeclaredGateway] = Field(default_factory=dict)


class Server(TypedDict):
    name: str
    address: str


class Method(TypedDict):
    id: str
    label: str
    servers: list[Server]
    port: int


class Lookup(TypedDict):
    domain: str
    servers: list[Server]
    protocol: Protocol
    account: str
    tls_profile: str | None


class Ciphers(TypedDict):
    encryption: list[Encryption]
    integrity: list[Integrity]
    groups: list[Group]
    authorities: list[str]


class Entry(TypedDict):
    id: str
    label: str
    method: str


class Gateway(TypedDict):
    id: str
    label: str
    address: str
    networks: list[str]


class RemoteAccess(TypedDict):
    """The open accesses; `directory` serves the entries alone."""

    ciphers: Ciphers
    directory: Lookup | None
    methods: list[Method]
    entries: list[Entry]
    gateways: list[Gateway]


def derive_remote_access(declaration: Declaration, servers: Mapping[str, str], today: date) -> RemoteAccess | None:
    """Derive what is open today; None where no access is declared."""
    town = declaration.town.variables
    declared = town.remote_access
    if declared is None:
        return None
    entries = {name: entry for name, entry in declared.entries.items() if _is_open(entry, today)}
    asked = {entry.method for entry in entries.values()}
    lookup, ciphers = declared.directory, declared.ciphers
    return RemoteAccess(
        ciphers=Ciphers(
            encryption=ciphers.encryption, integrity=ciphers.integrity, groups=ciphers.groups,
            authorities=ciphers.authorities,
        ),
        directory=Lookup(
            domain=town.directory.domain, servers=_servers(lookup.servers, servers), protocol=lookup.protocol,
            account=lookup.account, tls_profile=lookup.tls_profile,
        ) if lookup and entries else None,
        methods=[
            Method(id=name, label=method.label, servers=_servers(method.servers, servers), port=method.port)
            for name, method in declared.methods.items()
            if name in asked
        ],
        entries=[Entry(id=name, label=entry.label, method=entry.method) for name, entry in entries.items()],
        gateways=[
            Gateway(id=name, label=gateway.label, address=gateway.address, networks=gateway.networks)
            for name, gateway in declared.gateways.items()
            if _is_open(gateway, today)
        ],
    )  # fmt: skip


def _servers(names: Iterable[str], addresses: Mapping[str, str]) -> list[Server]:
    return [Server(name=name, address=addresses[name]) for name in names if name in addresses]


def _is_open(access: DeclaredAccess, today: date) -> bool:
    return access.state == "open" and not _is_over(access, today)


def _is_over(access: DeclaredAccess, today: date) -> bool:
    return access.until is not None and date.fromisoformat(access.until) < today


def check_remote_access(view: View) -> None:
    """M394 to M401: ends, proofs, directories, ciphers, third parties, names, limits, networks."""
    declared = view.declared.town.variables.remote_access
    if declared is None:
        return
    for name, entry in declared.entries.items():
        method = declared.methods.get(entry.method)
        if method and not method.second_factor:
            said = f"{entry.label} : « {entry.method} » ne demande qu’un mot de passe à qui vient de l’extérieur"
            _report(view, "M395", ("entries", name, "method"), said)
        elif method and method.status == "to_confirm" and _is_open(entry, view.today):
            said = f"{entry.label} est ouvert, et la méthode « {entry.method} » est encore à confirmer"
            _report(view, "M395", ("entries", name, "state"), said)
    if declared.directory and declared.directory.protocol == "ldap":
        said = "Le pare-feu demanderait à l’annuaire les mots de passe en clair"
        _report(view, "M396", ("directory", "protocol"), said)
    elif declared.directory and not declared.directory.tls_profile:
        said = "Aucun profil (tls_profile) ne contrôle le certificat de l’annuaire"
        _report(view, "M396", ("directory", "protocol"), said)
    for kind, weak in WEAK.items():
        if taken := [str(value) for value in getattr(declared.ciphers, kind) if value in weak]:
            _report(view, "M397", ("ciphers", kind), f"Un tunnel accepterait {', '.join(taken)}")
    for path, access in _dated(declared):
        if access.third_party and access.until is None:
            _report(view, "M398", (*path, "permanent"), f"{access.label} : l’accès d’un tiers n’a pas de fin")
        elif _is_over(access, view.today):
            _report(view, "M394", (*path, "until"), f"{access.label} : l’accès a pris fin le {access.until}")
    _check_limits(view, declared)
    for name, gateway in declared.gateways.items():
        for network, prefix in product(map(IPNetwork, gateway.networks), view.rule.prefixes):
            if network in prefix or prefix in network:
                said = f"{gateway.label} : le réseau {network} du tiers chevauche le plan de la ville ({prefix})"
                _report(view, "M401", ("gateways", name, "networks"), said)
    _check_names(view, declared)


def _check_limits(view: View, declared: DeclaredRemoteAccess) -> None:
    """M400: the firewall can carry the ciphers, and the entries that are open."""
    ciphers = declared.ciphers
    if all(name.startswith("aes-gcm-") for name in ciphers.encryption):
        said = "Aucun chiffre pour négocier (IKE) : aes-gcm ne chiffre que les données"
        _report(view, "M400", ("ciphers", "encryption"), said)
    if len(lengths := {name for name in ciphers.integrity if name.startswith("sha2-")}) > 1:
        said = f"Le pare-feu ne prend qu’une longueur de SHA-2, pas {', '.join(sorted(lengths))}"
        _report(view, "M400", ("ciphers", "integrity"), said)
    opened = {name: entry for name, entry in declared.entries.items() if _is_open(entry, view.today)}
    first = next((entry.method for entry in opened.values()), "")
    for name, entry in opened.items():
        if entry.method != first:
            said = f"{entry.label} : le domaine n’a qu’une méthode, et un autre accès ouvert prend « {first} »"
            _report(view, "M400", ("entries", name, "method"), said)
        if declared.directory is None:
            _report(view, "M400", ("entries", name, "state"), f"{entry.label} est ouvert sans annuaire (directory)")


def _check_names(view: View, declared: DeclaredRemoteAccess) -> None:
    known = {"server": view.servers, "third": view.declared.town.variables.third_parties}
    segments = view.declared.shared.variables.shared_segments if view.declared.shared else {}
    named = [
        *((("methods", name, "servers"), "le serveur", server, known["server"])
          for name, method in declared.methods.items() for server in method.servers),
        *((("directory", "servers"), "le serveur", server, known["server"])
          for server in (declared.directory.servers if declared.directory else ())),
        *((("entries", name, "method"), "la méthode", entry.method, declared.methods)
          for name, entry in declared.entries.items()),
        *((("entries", name, "segment"), "le segment de la ville", entry.segment, segments)
          for name, entry in declared.entries.items()),
        *(((*path, "third_party"), "le tiers", access.third_party, known["third"])
          for path, access in _dated(declared) if access.third_party),
    ]  # fmt: skip
    for path, what, name, names in named:
        if names is view.servers and not view.declared.complete:
            continue  # A site that is left out may have it.
        check_name(view, ("remote_access", *path), f"Accès distants : {what}", name, names, "PISTE-M399")


def _dated(declared: DeclaredRemoteAccess) -> Iterator[tuple[tuple[str, str], DeclaredAccess]]:
    for kind, accesses in (("entries", declared.entries), ("gateways", declared.gateways)):
        yield from (((kind, name), access) for name, access in accesses.items())


def _report(view: View, rule: str, path: KeyPath, message: str) -> None:
    where = ("remote_access", *path)
    view.faults.add(f"PISTE-{rule}", ".".join(map(str, where)), view.declared.town.where(where), message)
