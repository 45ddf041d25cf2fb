"""Authentication of clients: basic, NTLM, Kerberos.

Basic counts for a request, NTLM and Kerberos for their connection (MS-NTHT, RFC 4559).
"""

from __future__ import annotations

import hmac
import os
import threading
from base64 import b64decode, b64encode
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import spnego
from spnego.exceptions import SpnegoError

from lab.http import Request

KEPT = 256
NTLM = b64encode(b"NTLMSSP").decode()[:8]
_STORE = "NTLM_USER_FILE"
# The acceptor of pyspnego finds its accounts by an environment variable, and several labs may share a process.
_PROCESS = threading.Lock()


class Refused(Exception):
    """A 401, with the challenge of its header."""

    def __init__(self, challenge: str) -> None:
        super().__init__(challenge)
        self.challenge = challenge


class Authentication:
    """An account (`DOMAIN\\name`); basic accepts it without its domain, Kerberos with any domain.

    keytab   the keys of the servers in a domain; without it Kerberos is refused
    binding  the TLS channel that a ticket must be bound to; empty where tickets need no binding
    """

    def __init__(self, folder: Path, username: str, password: str, *, basic: bool = True, ntlm: bool = True) -> None:
        self.username, self.password = username, password
        self.basic, self.ntlm = basic, ntlm
        self.keytab: Path | None = None
        self.binding = b""
        self._accounts = folder / "winrm.ntlm"
        domain, _, name = username.rpartition("\\")
        self._accounts.touch(mode=0o600)
        self._accounts.write_text(f"{domain}:{name}:{password}\n", encoding="utf-8")
        self._contexts: OrderedDict[str, Any] = OrderedDict()

    def check(self, request: Request) -> str:
        """Authenticate a request; return the header of its answer, often empty. Raises Refused."""
        scheme, _, given = request.header("Authorization").partition(" ")
        if not given:
            context = self._contexts.get(request.peer)
            if context is not None and context.complete:
                return ""
            raise Refused(self._offer())
        if scheme.lower() == "basic" and self.basic:
            return self._check_basic(given)
        if scheme.lower() == "negotiate" and self.keytab and NTLM not in given:
            return self._check_kerberos(request.peer, given)
        if scheme.lower() in ("negotiate", "ntlm") and self.ntlm:
            return self._check_ntlm(request.peer, scheme, given)
        raise Refused(self._offer())

    def _offer(self) -> str:
        ways = {"Negotiate": self.ntlm or self.keytab, 'Basic realm="WSMAN"': self.basic}
        return ", ".join(way for way, offered in ways.items() if offered)

    def _check_basic(self, given: str) -> str:
        try:
            name, _, password = b64decode(given, validate=True).decode("utf-8").partition(":")
        except ValueError:
            name, password = "", ""
        short = self.username.rpartition("\\")[2].lower()
        known = name.lower() in (self.username.lower(), short)
        if known and hmac.compare_digest(password.encode(), self.password.encode()):
            return ""
        raise Refused(self._offer())

    def _check_kerberos(self, peer: str, given: str) -> str:
        from gssapi import raw

        bound = raw.ChannelBindings(application_data=self.binding) if self.binding else None
        store = {b"keytab": f"FILE:{self.keytab}".encode(), b"rcache": b"none:"}
        try:
            keys = raw.acquire_cred_from(store, usage="accept").creds
            done = raw.accept_sec_context(b64decode(given), acceptor_creds=keys, channel_bindings=bound)
        except (raw.GSSError, ValueError) as fault:
            raise Refused(self._offer()) from fault
        who = raw.display_name(done.initiator_name).name.decode()
        if done.more_steps or who.partition("@")[0] != self.username.rpartition("\\")[2]:
            raise Refused(self._offer())
        self._keep(peer, SimpleNamespace(complete=True))
        return f"Negotiate {b64encode(done.token or b'').decode()}"

    def _keep(self, peer: str, context: Any) -> Any:
        self._contexts[peer] = context
        while len(self._contexts) > KEPT:
            self._contexts.popitem(last=False)
        return context

    def _check_ntlm(self, peer: str, scheme: str, given: str) -> str:
        with _PROCESS:
            before = os.environ.get(_STORE)
            os.environ[_STORE] = str(self._accounts)
            try:
                context = self._contexts.get(peer)
                if context is None or context.complete:
                    context = self._keep(peer, self._acceptor(scheme))
                answer = context.step(b64decode(given))
            except (SpnegoError, ValueError) as fault:
                self._contexts.pop(peer, None)
                raise Refused(self._offer()) from fault
            finally:
                if before is None:
                    del os.environ[_STORE]
                else:
                    os.environ[_STORE] = before
        token = f"{scheme} {b64encode(answer).decode()}" if answer else ""
        if not context.complete:
            raise Refused(token)
        return token

    def _acceptor(self, scheme: str) -> Any:
        options = spnego.NegotiateOptions.use_ntlm
        if scheme.lower() == "negotiate":
            options |= spnego.NegotiateOptions.use_negotiate
            return spnego.server(protocol="negotiate", options=options)
        return spnego.server(protocol="ntlm", options=options)
