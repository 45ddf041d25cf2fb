"""The judgment of a certificate against its declaration, and the figure F16."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict

from piste.engine.finding import Finding, State
from piste.engine.words import agreed
from piste.readings.certificates.facts import Facts

if TYPE_CHECKING:
    from piste.town.model.certificates import Authority, Certificate, TownCertificates

Fault = Literal["early", "expired", "due", "ticket", "name", "chain", "key", "issuer", "date", "life", "unread"]
NEVER = "pas encore lu"
WEAK_SIGNATURES = ("md5", "sha1")
RENEW: Mapping[str, str] = {
    "acme": "Renouvelez-le sur son serveur (lego renew) et lisez le journal de la minuterie, qui devait le faire.",
    "autoenrolment": "Sur son serveur : certutil -pulse, puis lisez le journal de l’inscription automatique.",
    "request": "Ouvrez la demande et son ticket (piste certificates request), sous son titre exact.",
    "manual": "Ouvrez le ticket (piste certificates request), puis suivez la procédure de l’autorité.",
}
_UNKNOWN: Set[Fault] = {"ticket", "unread"}
_REMEDIES: Mapping[Fault, str] = {
    "unread": "Vérifiez son nom, son port et le chemin depuis ce poste, puis relisez-le : piste certificates scan.",
    "ticket": "Relancez quand GLPI répond ; le compte de Piste y lit les tickets (piste init production).",
    "early": "Vérifiez l’heure du serveur et celle de ce poste.",
    "name": "Faites-le émettre à nouveau avec tous les noms déclarés, ou corrigez « names ».",
    "chain": "Installez la chaîne entière sur le serveur, ou faites-le émettre par l’autorité déclarée.",
    "key": "Faites-le émettre à nouveau, avec une clé assez longue et une signature SHA-256.",
    "issuer": "Corrigez l’autorité déclarée, ou faites-le émettre par elle.",
    "date": "Retirez « not_after », puisque le certificat se lit, ou corrigez-le.",
    "life": "Demandez-en un plus court à l’autorité : les navigateurs le refuseront.",
}


class Judged(NamedTuple):
    """A certificate and its verdict; `faults` gives each fault with its words.

    `days` are those left, None where the end is unknown. `asked` is true where its renewal is asked for.
    """

    certificate: Certificate
    facts: Facts | None
    faults: Mapping[Fault, str]
    days: int | None
    asked: bool
    observed: str

    @property
    def state(self) -> State:
        if self.faults:
            return "unknown" if self.faults.keys() <= _UNKNOWN else "wrong"
        return "ok"

    @property
    def todo(self) -> str:
        first = next(iter(self.faults), None)
        if first is None:
            return ""
        if first == "unread" and not self.certificate["reader"]:
            return "Dites sa fin (not_after), ou l’endroit où le lire."
        if self.faults[first] == NEVER:
            return "Lisez-le : piste certificates scan."
        return RENEW[self.certificate["renewal"]] if first in ("expired", "due") else _REMEDIES[first]

    def trial(self, town: TownCertificates) -> dict[str, str]:
        """Give the verdict as a trial of a verification, which is a finding too."""
        entry = self.certificate
        title = f"{entry['name']}, {entry['use']}"
        by = _authority(town, entry)
        author = by["label"] if by else "son autorité"
        expected = f"plus de {agreed(entry['alert_days'], 'jour(s)')}, à ses noms, par {author}"
        finding = Finding(f"certificate.{entry['name']}", self.state, f"{title} : {self.observed}", self.todo)
        return {**finding.to_json(), "title": title, "expected": expected, "observed": self.observed}


def judge(entry: Certificate, facts: Facts | None, town: TownCertificates, now: datetime, trouble: str = "") -> Judged:
    """Judge a certificate by what was read of it, else by its declared end.

    `trouble` says why it was not read. What nothing reads is judged by its declaration alone.
    """
    end = facts["not_after"] if facts else f"{entry['not_after']}T23:59:59+00:00" if entry["not_after"] else None
    until = datetime.fromisoformat(end) if end else None
    days = None if until is None else int((until - now).total_seconds() // 86_400)
    faults: dict[Fault, str] = dict(_dated(entry, until, days, now, town))
    if facts:
        faults |= dict(_differing(entry, facts, town, now))
    elif entry["reader"] or until is None:
        faults["unread"] = trouble or NEVER
    read = "" if facts or until is None else ", d’après la déclaration"
    asked = days is not None and days < entry["alert_days"] and bool(ticket(entry, town))
    lasting = []
    if until is not None and "expired" not in faults:
        lasting = [f"valable jusqu’au {until:%d/%m/%Y}{read} ({_left(days)})"]
    noted = [f"renouvellement demandé ({ticket(entry, town)})"] if asked else []
    return Judged(entry, facts, faults, days, asked, " ; ".join([*lasting, *noted, *faults.values()]))


def _left(days: int | None) -> str:
    return agreed(max(days or 0, 0), "jour(s)")


def ticket(entry: Certificate, town: TownCertificates) -> str:
    """Name the ticket that asks for a renewal; empty where there is none.

    The declared one counts as long as the service desk does not say that it is over.
    """
    tickets = town.get("tickets")
    if tickets and entry["name"] in tickets["open"]:
        return f"GLPI {tickets['open'][entry['name']]}"
    return "" if tickets and entry["name"] in tickets["closed"] else entry["ticket"] or ""


def _dated(
    entry: Certificate, until: datetime | None, days: int | None, now: datetime, town: TownCertificates
) -> Iterator[tuple[Fault, str]]:
    if until is None or days is None:
        return
    if until <= now:
        yield "expired", f"expiré depuis le {until:%d/%m/%Y}"
    elif days < entry["alert_days"] and not ticket(entry, town):
        near, tickets = f"à moins de {agreed(entry['alert_days'], 'jour(s)')} de sa fin", town.get("tickets")
        if tickets and tickets["unread"]:
            yield "ticket", f"{near}, ticket inconnu : {tickets['unread']}"
        elif entry["ticket"]:
            yield "due", f"{near}, et son ticket ({entry['ticket']}) n’est plus ouvert"
        else:
            yield "due", f"{near}, sans ticket de renouvellement"


def _differing(entry: Certificate, facts: Facts, town: TownCertificates, now: datetime) -> Iterator[tuple[Fault, str]]:
    """Yield what differs from the declaration and from the rules of the town."""
    start, end = (datetime.fromisoformat(facts[name]) for name in ("not_before", "not_after"))
    if now < start:
        yield "early", f"valable à partir du {start:%d/%m/%Y} seulement"
    known = facts["names"] if entry["type"] == "tls" else [*facts["names"], facts["common_name"]]
    if missing := [name for name in entry["names"] if not any(covers(pattern, name) for pattern in known)]:
        yield "name", f"ne couvre pas {', '.join(missing)} (couvre {', '.join(facts['names'][:3])})"
    authority = _authority(town, entry)
    if facts["trusted"] is False:
        yield "chain", f"chaîne que rien n’atteste ({facts['why']})"
    if weak := weakness(facts, town):
        yield "key", weak
    if authority and facts["issuer"] not in authority["issuers"]:
        yield "issuer", f"émis par « {facts['issuer']} », et non par {authority['label']}"
    if entry["not_after"] and end.date().isoformat() != entry["not_after"]:
        yield "date", f"déclaré jusqu’au {datetime.fromisoformat(entry['not_after']):%d/%m/%Y}"
    if authority and authority["kind"] == "public" and entry["type"] == "tls":
        from piste.town.model.certificates import public_days  # a status without a reading needs no form

        limit = public_days(town["public_lifetimes"], start.date().isoformat())
        lasts = (end - start).days
        if limit is not None and lasts > limit:
            yield "life", f"émis pour {lasts} jours, {limit} au plus pour un certificat public"


def weakness(facts: Facts, town: TownCertificates) -> str:
    """Say why a key or a signature is too weak; empty where it is not."""
    least = {"RSA": town["rsa_bits"], "EC": town["ec_bits"]}.get(facts["key_kind"], 0)
    if facts["key_bits"] < least:
        return f"clé {facts['key_kind']} de {facts['key_bits']} bits, {least} au moins"
    return f"signature {facts['signature'].upper()}" if facts["signature"] in WEAK_SIGNATURES else ""


def covers(pattern: str, name: str) -> bool:
    """Tell whether a name of a certificate covers a name (RFC 9525 6.3).

    `*` is a whole first label.
    """
    pattern, name = pattern.casefold().rstrip("."), name.casefold().rstrip(".")
    if pattern == name:
        return True
    try:
        return ip_address(pattern) == ip_address(name)
    except ValueError:
        pass
    first, _, rest = pattern.partition(".")
    return first == "*" and "." in rest and name.partition(".")[2] == rest


def _authority(town: TownCertificates, entry: Certificate) -> Authority | None:
    return next((authority for authority in town["authorities"] if authority["name"] == entry["authority"]), None)


class Figure(TypedDict):
    """F16: no certificate expired, none near its end without a ticket; unread is unknown."""

    state: State
    total: int
    read: int
    expired: list[str]
    due_without_ticket: list[str]
    due_with_ticket: list[str]
    unknown: list[str]


def figure(judged: Iterable[Judged]) -> Figure:
    """Compute F16; a certificate that was not read is unknown, and a ticket that was not."""
    every = list(judged)
    expired = [item.certificate["name"] for item in every if "expired" in item.faults]
    due = [item.certificate["name"] for item in every if "due" in item.faults]
    unknown = [item.certificate["name"] for item in every if _UNKNOWN & item.faults.keys()]
    return Figure(
        state="wrong" if expired or due else "unknown" if unknown else "ok",
        total=len(every),
        read=sum(1 for item in every if item.facts),
        expired=expired,
        due_without_ticket=due,
        due_with_ticket=[item.certificate["name"] for item in every if item.asked and "expired" not in item.faults],
        unknown=unknown,
    )


def written(figure: Figure) -> str:
    """Write F16 in a line."""
    parts = [
        agreed(len(figure["expired"]), "expiré(s)"),
        f"{len(figure['due_without_ticket'])} à renouveler sans ticket",
        f"{len(figure['due_with_ticket'])} avec",
        agreed(len(figure["unknown"]), "inconnu(s)"),
    ]
    return f"F16 : {', '.join(parts)}, sur {figure['total']}"
