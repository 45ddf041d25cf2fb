"""Network errors in words: reasons of a silence, whatever library reports it.

urllib3, ldap3, smbprotocol and paramiko wrap the error of the socket, or keep its text alone: the reason is looked for
in the whole chain, then in the texts.
"""

from __future__ import annotations

import errno
import http.client
import re
import socket
import ssl
from collections.abc import Iterator, Mapping

_DEEPEST = 20
"""Errors looked at of a chain."""
_CUT = "la connexion a été coupée"
_NO_WAY = "aucune route n’y mène depuis ce poste"
_ERRNO: Mapping[int, str] = {
    errno.ECONNREFUSED: "la connexion est refusée : rien n’écoute à ce port, ou un pare-feu la refuse",
    errno.ECONNRESET: _CUT,
    errno.ECONNABORTED: _CUT,
    errno.EPIPE: _CUT,
    errno.EHOSTUNREACH: _NO_WAY,
    errno.ENETUNREACH: _NO_WAY,
    errno.ENETDOWN: _NO_WAY,
    errno.EADDRNOTAVAIL: _NO_WAY,
    errno.ETIMEDOUT: "rien n’a répondu à temps",
}
_LATE = _ERRNO[errno.ETIMEDOUT]
_ASKED_IN_VAIN = (socket.EAI_AGAIN,)
_CERTIFICATE: Mapping[int, str] = {
    9: "il n’est pas encore valable",
    10: "il a expiré",
    18: "il n’est signé que par lui-même",
    19: "ce poste ne connaît pas l’autorité qui l’a signé",
    20: "ce poste ne connaît pas l’autorité qui l’a signé",
    21: "ce poste ne connaît pas l’autorité qui l’a signé",
    23: "il est révoqué",
    62: "il est au nom d’un autre",
    64: "il est à une autre adresse",
}
"""Reasons by number of OpenSSL (x509_vfy.h, X509_V_ERR_…)."""
_NUMBER = re.compile(r"\[Errno (-?\d+)\]")
_UNRESOLVED = re.compile(r"name or service not known|invalid server address|failed to resolve|getaddrinfo failed", re.I)
_OUT_OF_TIME = re.compile(r"timed out|timeout", re.I)
_ENDED = re.compile(r"remote end closed|connection (?:aborted|reset|was closed)|terminated by server", re.I)
_NAME = re.compile(r"le nom « (\S+) » ne se résout pas")


def reason(error: BaseException, host: str = "") -> str:
    """Return why a system does not answer, in French.

    An error that no table knows has its own words.
    """
    chain = list(_chain(error))
    for inner in chain:
        if isinstance(inner, ssl.SSLCertVerificationError):
            return certificate(inner)
    for inner in chain:
        if isinstance(inner, socket.gaierror):
            return _unresolved(host, asked_in_vain=inner.errno in _ASKED_IN_VAIN)
    for inner in chain:
        if isinstance(inner, OSError) and (said := _ERRNO.get(inner.errno or 0)):
            return said
    texts = [str(inner) for inner in chain]
    if any(_UNRESOLVED.search(text) for text in texts):
        return _unresolved(host)
    for number in (int(match) for text in texts for match in _NUMBER.findall(text)):
        if number in _ERRNO:
            return _ERRNO[number]
        if number in (socket.EAI_NONAME, socket.EAI_AGAIN, -5):
            return _unresolved(host, asked_in_vain=number in _ASKED_IN_VAIN)
    if any(_OUT_OF_TIME.search(text) for text in texts):
        return _LATE
    if any(isinstance(inner, http.client.RemoteDisconnected) for inner in chain) or any(map(_ENDED.search, texts)):
        return _CUT
    for inner in chain:
        if isinstance(inner, ssl.SSLError):
            code = f" ({known})" if (known := getattr(inner, "reason", "")) else ""
            return f"l’échange TLS échoue{code} : ce port ne parle pas TLS, ou une autre version"
        if isinstance(inner, http.client.BadStatusLine | http.client.LineTooLong):
            return "ce qui répond n’est pas du HTTP"
        if isinstance(inner, http.client.IncompleteRead):
            return "la réponse s’arrête avant la fin"
    if text := next(filter(None, texts), ""):
        return text
    bare = {TimeoutError: _LATE, EOFError: _CUT, ConnectionError: _CUT}
    return next((said for kind, said in bare.items() if isinstance(chain[-1], kind)), type(chain[-1]).__name__)


def certificate(error: ssl.SSLCertVerificationError) -> str:
    """Return why nothing attests a certificate, in French where a table knows the reason."""
    return _CERTIFICATE.get(error.verify_code, error.verify_message)


def unresolved_name(said: str) -> str:
    """Return the name that a reason says not to resolve; empty for any other reason."""
    match = _NAME.search(said)
    return match[1] if match else ""


def _unresolved(host: str, *, asked_in_vain: bool = False) -> str:
    known = f"le nom « {host} » ne se résout pas" if host else "son nom ne se résout pas"
    return f"{known} : aucun serveur de noms ne répond à ce poste" if asked_in_vain else known


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it wraps, the outermost first."""
    todo: list[object] = [error]
    seen: list[BaseException] = []
    while todo and len(seen) < _DEEPEST:
        inner = todo.pop(0)
        if isinstance(inner, BaseException) and all(inner is not known for known in seen):
            seen.append(inner)
            yield inner
            todo += [inner.__cause__, inner.__context__, getattr(inner, "reason", None), *inner.args]

