"""Certificates and their authorities: form, derivation, rules.

A private key is never declared, only the place where it lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

from pydantic import AfterValidator, Field

from . import values
from .forms import Date, Form, Marked, PortNumber
from .wording import closest

if TYPE_CHECKING:
    from .declaration import Declaration
    from .faults import Mark
    from .view import View

CertificateName = Annotated[str, AfterValidator(values.label)]
AuthorityName = Annotated[str, AfterValidator(values.label)]
Days = Annotated[int, Field(ge=1, le=20_000)]
Steps = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
HostName = Annotated[str, Field(pattern=r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")]
"""A reservation of the town, or a name that a name server knows."""

Type = Literal["tls", "authentication", "mail", "signature", "authority"]
"""Types of certificates (CCTP 3.5.2.4), and those of the authorities themselves."""
Renewal = Literal["acme", "autoenrolment", "request", "manual"]
Reader = Literal["scan", "store", "directory"]


class Lifetime(Form):
    """The longest life of a certificate that the public authorities issue from a day on."""

    start: Date = Field(alias="from")
    days: Days


class CertificateRules(Marked):
    """Rules of every certificate: keys in bits, delay of the alert, public lifetimes."""

    alert_days: Days = 30
    rsa_bits: Annotated[int, Field(ge=1024, le=16_384)] = 2048
    ec_bits: Annotated[int, Field(ge=160, le=1024)] = 256
    public_lifetimes: list[Lifetime] = Field(default_factory=list)
    source: str | None = None
    read_on: Date | None = None


class AuthorityRunbooks(Form):
    """The steps of each procedure, in order."""

    issue: Steps
    revoke: Steps
    back_up: Steps
    rotate: Steps
    audit: Steps


class DeclaredAuthority(Marked):
    """An authority: `issuers` are the common names of the issuers that its certificates name.

    `server` is the reservation of the machine of an internal authority; `days` the life that it gives; `directory`
    finds it in the configuration of the directory.
    """

    label: str
    kind: Literal["internal", "public"]
    issuers: Annotated[list[str], Field(min_length=1)]
    server: str | None = None
    directory: bool = False
    days: Days
    renewal: Renewal
    acme: Annotated[str, AfterValidator(values.https)] | None = None
    contact: str | None = None
    runbooks: AuthorityRunbooks


class Endpoint(Form):
    """A place that serves a certificate over TLS, from the first byte."""

    host: HostName
    port: PortNumber = 443


class KeyPlace(Form):
    """The place of a private key; `copy` is that of its sealed copy, if any. Never the key."""

    where: Literal["server", "module", "card", "provider"]
    at: str
    exportable: bool = False
    sealed_copy: str | None = Field(alias="copy", default=None)


class DeclaredCertificate(Marked):
    """A certificate.

    `names` are the DNS names that it must cover, or the common name of another type than `tls`. `store` is the server
    whose store of Windows has it. `alert_days` and `renewal` replace those of the town and of the authority; `ticket`
    refers to the renewal that was asked for.
    """

    type: Type
    use: str
    names: Annotated[list[str], Field(min_length=1)]
    authority: AuthorityName
    owner: str
    endpoint: Endpoint | None = None
    store: str | None = None
    not_after: Date | None = None
    alert_days: Days | None = None
    renewal: Renewal | None = None
    ticket: str | None = None
    key_place: KeyPlace


class Certificate(TypedDict):
    """A declared certificate, as GLPI, the bag and the documents read it.

    `reader` says how it is read: None where nothing reads it. `alert_days` is what holds for it. `key_place` is where
    the private key lives, in words; `address` is that of the endpoint, where it is a reservation.
    """

    name: str
    type: Type
    use: str
    names: list[str]
    authority: str
    owner: str
    host: str | None
    port: int | None
    address: str | None
    store: str | None
    reader: Reader | None
    not_after: str | None
    alert_days: int
    renewal: Renewal
    ticket: str | None
    key_place: str
    key_copy: str | None
    exportable: bool
    status: str | None


class Authority(TypedDict):
    """An authority; `max_days` is the life that it gives today, as the public limits allow."""

    name: str
    label: str
    kind: Literal["internal", "public"]
    issuers: list[str]
    server: str | None
    directory: bool
    max_days: int
    renewal: Renewal
    acme: str | None
    contact: str | None
    runbooks: dict[str, list[str]]
    status: str | None


class PublicLifetime(TypedDict):
    start: str
    days: int


class Tickets(TypedDict):
    """Tickets of renewal, as the service desk has them.

    open    number of the open ticket of a certificate
    closed  certificates whose declared ticket is solved, closed or absent there
    unread  the reason why they were not read; empty where they were
    """

    open: dict[str, int]
    closed: list[str]
    unread: str


class TownCertificates(TypedDict):
    """The certificates of the town and what judges them; `read_on` dates the public lifetimes.

    Without `tickets`, no service desk has any, and declared tickets count.
    """

    tickets: NotRequired[Tickets]

    certificates: list[Certificate]
    authorities: list[Authority]
    public_lifetimes: list[PublicLifetime]
    rsa_bits: int
    ec_bits: int
    source: str | None
    read_on: str | None


_PLACES: Mapping[str, str] = {
    "server": "serveur",
    "module": "module matériel",
    "card": "carte ou clé cryptographique",
    "provider": "chez le prestataire",
}


def derive_certificates(declaration: Declaration, servers: Mapping[str, str], today: date) -> TownCertificates:
    """Derive the certificates; `servers` gives the address of each reservation by name."""
    town = declaration.town.variables
    rules = town.certificate_rules
    return TownCertificates(
        certificates=[
            _certificate(name, entry, town.certificate_authorities.get(entry.authority), rules, servers)
            for name, entry in town.certificates.items()
        ],
        authorities=[_authority(name, entry, rules, today) for name, entry in town.certificate_authorities.items()],
        public_lifetimes=[PublicLifetime(start=limit.start, days=limit.days) for limit in _limits(rules)],
        rsa_bits=rules.rsa_bits,
        ec_bits=rules.ec_bits,
        source=rules.source,
        read_on=rules.read_on,
    )


def public_days(limits: Sequence[Lifetime] | Sequence[PublicLifetime], day: str) -> int | None:
    """Give the longest life of a public certificate issued on a day; None before any limit."""
    pairs = [(item["start"], item["days"]) if isinstance(item, dict) else (item.start, item.days) for item in limits]
    return min((days for start, days in pairs if start <= day), default=None)


def _limits(rules: CertificateRules) -> list[Lifetime]:
    return sorted(rules.public_lifetimes, key=lambda limit: limit.start)


def _certificate(
    name: str,
    entry: DeclaredCertificate,
    authority: DeclaredAuthority | None,
    rules: CertificateRules,
    servers: Mapping[str, str],
) -> Certificate:
    endpoint, key = entry.endpoint, entry.key_place
    return Certificate(
        name=name,
        type=entry.type,
        use=entry.use,
        names=list(entry.names),
        authority=entry.authority,
        owner=entry.owner,
        host=endpoint.host if endpoint else None,
        port=endpoint.port if endpoint else None,
        address=servers.get(endpoint.host) if endpoint else None,
        store=entry.store,
        reader=_reader(entry, authority),
        not_after=entry.not_after,
        alert_days=entry.alert_days or rules.alert_days,
        renewal=entry.renewal or (authority.renewal if authority else "manual"),
        ticket=entry.ticket,
        key_place=f"{_PLACES[key.where]} : {key.at}",
        key_copy=key.sealed_copy,
        exportable=key.exportable,
        status=entry.status,
    )


def _reader(entry: DeclaredCertificate, authority: DeclaredAuthority | None) -> Reader | None:
    if entry.endpoint:
        return "scan"
    if entry.store:
        return "store"
    return "directory" if entry.type == "authority" and authority and authority.directory else None


def _authority(name: str, entry: DeclaredAuthority, rules: CertificateRules, today: date) -> Authority:
    return Authority(
        name=name,
        label=entry.label,
        kind=entry.kind,
        issuers=list(entry.issuers),
        server=entry.server,
        directory=entry.directory,
        max_days=_given(entry, rules, today.isoformat()),
        renewal=entry.renewal,
        acme=entry.acme,
        contact=entry.contact,
        runbooks=entry.runbooks.model_dump(),
        status=entry.status,
    )


def _given(entry: DeclaredAuthority, rules: CertificateRules, day: str) -> int:
    limit = public_days(_limits(rules), day) if entry.kind == "public" else None
    return min(entry.days, limit or entry.days)


def check_certificates(view: View) -> None:
    """M280 to M284: known authorities and servers, alerts shorter than lives, an end somewhere."""
    town = view.declared.town
    rules, authorities = town.variables.certificate_rules, town.variables.certificate_authorities
    for path, where, name in _servers(view):
        if view.declared.complete and name not in view.servers and ("." not in name or where[-1] != "host"):
            message = f"Le serveur « {name} » n’a de réservation dans aucun segment"
            view.faults.add("PISTE-M281", path, town.where(where), message, closest(name, view.servers))
    today = view.today.isoformat()
    limit = public_days(_limits(rules), today)
    for name, authority in authorities.items():
        if authority.kind == "public" and limit is not None and authority.days > limit:
            line = town.where(("certificate_authorities", name, "days"))
            message = f"{authority.label} : {authority.days} jours, au-delà des {limit} qui sont permis aujourd’hui"
            view.faults.add("PISTE-M283", f"certificate_authorities[{name}].days", line, message)
    for name, entry in town.variables.certificates.items():
        path = f"certificates[{name}]"

        def mark(*keys: str, name: str = name) -> Mark:
            return town.where(("certificates", name, *keys), ("certificates", name))

        if entry.authority not in authorities:
            message = f"{name} : l’autorité « {entry.authority} » n’est pas déclarée"
            advice = closest(entry.authority, authorities)
            view.faults.add("PISTE-M280", f"{path}.authority", mark("authority"), message, advice)
            continue
        alert = entry.alert_days or rules.alert_days
        life = _given(authorities[entry.authority], rules, today) if entry.type == "tls" else None
        if life is not None and alert >= life:
            message = f"{name} : alerte à {alert} jours pour un certificat de {life} jours au plus"
            view.faults.add("PISTE-M282", path, mark("alert_days"), message)
        if _reader(entry, authorities[entry.authority]) is None and entry.not_after is None:
            message = f"{name} n’est lu nulle part, et sa fin n’est pas déclarée"
            view.faults.add("PISTE-M284", path, mark(), message)


def _servers(view: View) -> Iterator[tuple[str, tuple[Any, ...], str]]:
    variables = view.declared.town.variables
    for name, authority in variables.certificate_authorities.items():
        if authority.server:
            where = ("certificate_authorities", name, "server")
            yield f"certificate_authorities[{name}].server", where, authority.server
    for name, entry in variables.certificates.items():
        if entry.endpoint:
            yield f"certificates[{name}].endpoint.host", ("certificates", name, "endpoint", "host"), entry.endpoint.host
        if entry.store:
            yield f"certificates[{name}].store", ("certificates", name, "store"), entry.store
