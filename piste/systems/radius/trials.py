"""The tests of a site's 802.1X: admissions into a VLAN, and refusals.

Pure: questions, expected answers, judgment of outcomes. `piste.systems.radius.probe` asks the questions.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from piste.engine.finding import State
from piste.systems.radius.exchange import Outcome, Place

ADMITTED, REFUSED, UNANSWERED = "admitted", "refused", "unanswered"
_NOWHERE = "02:00:00"
"""Beginning of the random MAC address of an undeclared device: locally administered."""


@dataclass(frozen=True, slots=True)
class Account:
    """A test computer or a test person; `policy` is the network policy that must admit it."""

    name: str
    identity: str
    policy: str = ""
    revoked: bool = False
    password: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)

    @property
    def method(self) -> str:
        return "tls" if self.certificate else "peap"


@dataclass(frozen=True, slots=True)
class Trial:
    """A question to a server, and the answer that it must give.

    `account` asks, by EAP; without an account, a MAC address. `stranger`: the question comes from an address, or has a
    secret, that the server does not know.
    """

    id: str
    title: str
    place: Place
    expected: Literal["admitted", "refused", "unanswered"]
    vlan: int | None = None
    account: Account | None = None
    wrong_password: bool = False
    stranger: bool = False

    @property
    def wanted(self) -> str:
        if self.expected == ADMITTED:
            return f"admis, VLAN {self.vlan}"
        return "refusé" if self.expected == REFUSED else "sans réponse"


@dataclass(frozen=True, slots=True)
class Missing:
    """A test that cannot be made, and why."""

    id: str
    title: str
    todo: str


def trials(access: Mapping[str, Any], accounts: Sequence[Account]) -> Iterator[Trial | Missing]:
    """Yield the tests of a site, from its derived access."""
    policies: Sequence[Mapping[str, Any]] = access["policies"]
    if not access["clients"]:
        todo = "Déclarez-en un : l’essai parle aux serveurs comme le ferait un équipement du site."
        yield Missing("client", "aucun commutateur ni borne sur ce site", todo)
        return
    wired, air = _devices(access)
    usable = [account for account in accounts if not account.revoked]
    admitted = [
        (account, policy)
        for account in usable
        for policy in policies
        if policy["key"] == account.policy and account.method in policy["eap"]
    ]
    for account, policy in admitted:
        medium = "wired" if "wired" in policy["media"] else "wireless"
        place = Place(wired if medium == "wired" else air, medium)  # type: ignore[arg-type]
        title = f"{account.name} ({_METHODS[account.method]}), {policy['label']}"
        yield Trial(f"{account.method}.{account.name}", title, place, "admitted", policy["vlan"], account)
    for method, said in _METHODS.items():
        asked = any(method in policy["eap"] for policy in policies)
        if asked and not any(account.method == method for account, _ in admitted):
            names = sorted({policy["key"] for policy in policies if method in policy["eap"]})
            todo = f"Donnez à piste_eap.accounts un compte d’essai de l’une des politiques : {', '.join(names)}."
            yield Missing(f"{method}.admitted", f"une admission par {said}", todo)
    yield from _refusals(accounts, [account for account, _ in admitted] or usable, Place(wired))
    yield from _by_mac(access, wired)
    unknown = Place(wired, mac=_drawn())
    yield Trial("client.unknown", "client RADIUS inconnu", unknown, "unanswered", stranger=True)


_METHODS = {"tls": "certificat", "peap": "mot de passe"}


def _refusals(accounts: Sequence[Account], usable: Sequence[Account], place: Place) -> Iterator[Trial | Missing]:
    title = "mot de passe faux"
    person = next((account for account in usable if account.method == "peap"), None)
    if person:
        yield Trial("peap.wrong", f"{title} ({person.name})", place, "refused", account=person, wrong_password=True)
    else:
        yield Missing("peap.wrong", title, "Donnez à piste_eap.accounts un compte d’essai avec son mot de passe.")
    title = "certificat révoqué"
    revoked = next((account for account in accounts if account.revoked), None)
    if revoked:
        yield Trial("tls.revoked", title, place, "refused", account=revoked)
    else:
        todo = "Donnez à piste_eap.accounts un certificat d’essai révoqué (revoked: true)."
        yield Missing("tls.revoked", title, todo)


def _by_mac(access: Mapping[str, Any], nas: str) -> Iterator[Trial]:
    over = False
    for item in access["exceptions"]:
        place = Place(nas, mac=item["mac"])
        if item["expired"] or item["unconfirmed"]:
            over = True
            why = f"échue le {item['until']}" if item["expired"] else "à confirmer"
            title = f"{item['what']} ({item['mac']}), exception {why}"
            yield Trial(f"mac.{item['mac']}", title, place, "refused")
        else:
            title = f"{item['what']} ({item['mac']}), exception jusqu’au {item['until']}"
            yield Trial(f"mac.{item['mac']}", title, place, "admitted", item["vlan"])
    if not over:
        yield Trial("mac.unknown", "adresse MAC sans exception", Place(nas, mac=_drawn()), "refused")


def _devices(access: Mapping[str, Any]) -> tuple[str, str]:
    """Return the addresses from which a switch and an access point of the site ask."""
    switches, points = (
        [client["address"] for client in access["clients"] if client["name"].startswith(prefix)]
        for prefix in access["prefixes"]
    )
    every = [*switches, *points]
    return every[0], (points or every)[0]


def _drawn() -> str:
    return ":".join([_NOWHERE, *(f"{byte:02x}" for byte in secrets.token_bytes(3))])


def judged(trial: Trial, outcome: Outcome, *, heard: bool) -> tuple[State, str]:
    """Compare an outcome with the expected answer; return the state, and the outcome in words.

    `heard`: the server answered another test. Only then does its silence prove that it refuses a client.
    """
    observed = _said(outcome)
    if trial.expected == UNANSWERED:
        if outcome.verdict != "silent":
            return "wrong", observed
        return ("ok" if heard else "unknown"), observed
    if outcome.verdict in ("silent", "unsigned", "unfinished"):
        return "unknown", observed
    if trial.expected == ADMITTED:
        return ("ok" if outcome.verdict == "accepted" and outcome.vlan == trial.vlan else "wrong"), observed
    return ("ok" if outcome.verdict == "refused" else "wrong"), observed


_VERDICTS: Mapping[str, str] = {
    "refused": "refusé",
    "silent": "sans réponse",
    "unsigned": "réponse sans Message-Authenticator, qui se falsifie : mettez à jour ce serveur (KB5040268)",
    "unfinished": "sans suite, le serveur ne répond plus",
    "broken": "échange abandonné par le poste",
}


def _said(outcome: Outcome) -> str:
    if outcome.verdict == "accepted":
        return f"admis, VLAN {outcome.vlan}" if outcome.vlan else "admis, sans VLAN"
    said = _VERDICTS[outcome.verdict]
    return f"{said} ({outcome.why})" if outcome.why else said
