"""Checks that any system reached by HTTP allows: its answer, its certificate, its clock."""

from __future__ import annotations

import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from piste.engine.converge.errors import PisteError
from piste.engine.finding import Finding, State
from piste.engine.transport.http import Transport
from piste.engine.transport.response import Response

DAYS_BEFORE_EXPIRY = 30
SKEW = 30.0
"""Seconds of drift between the system's clock and ours that are worth a word: journals disagree, Kerberos stops at
300."""
ATTEMPTS, PATIENCE = 2, 20.0
"""A person who waits for a diagnosis does not wait for an outage, or a limit of the system, to end."""


def hurry(transport: Transport) -> None:
    transport.attempts, transport.patience, transport.entire = ATTEMPTS, PATIENCE, PATIENCE


def silence(system: str, error: PisteError) -> Finding:
    """Say why a system did not answer.

    A certificate that nothing attests is wrong; a silence is unknown.
    """
    untrusted = isinstance(error.__cause__, ssl.SSLCertVerificationError)
    state: State = "wrong" if untrusted or error.kind != "unknown" else "unknown"
    what = " : ".join(part for part in (error.where, error.what, error.why) if part)
    return Finding(f"{system}.reachable", state, what, error.todo or "Vérifiez le réseau, puis relancez.")


def certificate(system: str, transport: Transport, now: float | None = None) -> Finding:
    """Say how long the system's certificate still lasts.

    Ask it of a system that has just answered.
    """
    name, host = f"{system}.certificate", urlsplit(transport.endpoint.url).hostname
    try:
        end = transport.certificate_end()
    except OSError as error:
        return Finding(name, "unknown", f"{host} : certificat illisible ({error})", "Relancez.")
    return expiry(system, str(host), end, transport.clock.time() if now is None else now)


def expiry(system: str, host: str, end: float, now: float | None = None) -> Finding:
    """Say how long a certificate that ends at `end` (seconds since 1970) still lasts."""
    name = f"{system}.certificate"
    days = int((end - (time.time() if now is None else now)) // 86400)
    what = f"{host} : certificat valable jusqu’au {datetime.fromtimestamp(end, UTC):%d/%m/%Y} ({days} jours)"
    if days < DAYS_BEFORE_EXPIRY:
        return Finding(name, "wrong", what, "Faites-le renouveler avant cette date : après, plus rien n’est joint.")
    return Finding(name, "ok", what)


def clock(system: str, response: Response, now: float | None = None) -> Finding:
    """Compare our clock with the system's, to the second (*RFC 9110*, 6.6.1, `Date`)."""
    name = f"{system}.clock"
    try:
        theirs = parsedate_to_datetime(response.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return Finding(name, "unknown", f"le système ({system}) ne dit pas l’heure", "Comparez-la à celle de ce poste.")
    return skew(system, theirs, SKEW, now)


def skew(system: str, theirs: float, most: float, now: float | None = None) -> Finding:
    """Compare our clock with `theirs`; more than `most` seconds of drift are wrong."""
    name, drift = f"{system}.clock", round((time.time() if now is None else now) - theirs)
    if abs(drift) <= most:
        return Finding(name, "ok", f"ce poste et le système ont la même heure, à {most:g} s près")
    way = "en avance" if drift > 0 else "en retard"
    todo = "Mettez ce poste à l’heure par NTP (timedatectl set-ntp true ; timedatectl timesync-status)."
    return Finding(name, "wrong", f"ce poste est {way} de {abs(drift)} s sur le système ({system})", todo)
