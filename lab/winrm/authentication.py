"""Who asks: basic with each request, or NTLM, which holds for its connection (MS-NTHT)."""

from __future__ import annotations

import hmac
import os
import threading
from base64 import b64decode, b64encode
from collections import OrderedDict
from pathlib import Path
from typing import Any

import spnego
from spnego.exceptions import SpnegoError

from lab.http import Request

KEPT = 256
_STORE = "NTLM_USER_FILE"
# pyspnego's acceptor finds its accounts by a variable of the process, which several labs may share.
_PROCESS = threading.Lock()


class Refused(Exception):
    """A 401, with what its header says next."""

    def __init__(self, challenge: str) -> None:
        super().__init__(challenge)
        self.challenge = challenge


class Authentication:
    """One account (`DOMAIN\\name`), which basic also takes without its domain."""

    def __init__(self, folder: Path, username: str, password: str, *, basic: bool = True, ntlm: bool = True) -> None:
        self.username, self.password = username, password
        self.basic, self.ntlm = basic, ntlm
        self._accounts = folder / "winrm.ntlm"
        domain, _, name = username.rpartition("\\")
        self._accounts.touch(mode=0o600)
        self._accounts.write_text(f"{domain}:{name}:{password}\n", encoding="utf-8")
        self._contexts: OrderedDict[str, Any] = OrderedDict()

    def check(self, request: Request) -> str:
        """Let a request in, and return what its answer's header must say, often nothing. Raises Refused."""
        scheme, _, given = request.header("Authorization").partition(" ")
        if not given:
            context = self._contexts.get(request.peer)
            if context is not None and context.complete:
                return ""
            raise Refused(self._offer())
        if scheme.lower() == "basic" and self.basic:
            return self._check_basic(given)
        if scheme.lower() in ("negotiate", "ntlm") and self.ntlm:
            return self._check_ntlm(request.peer, scheme, given)
        raise Refused(self._offer())

    def _offer(self) -> str:
        return ", ".join([*(["Negotiate"] if self.ntlm else []), *(['Basic realm="WSMAN"'] if self.basic else [])])

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

    def _check_ntlm(self, peer: str, scheme: str, given: str) -> str:
        with _PROCESS:
            before = os.environ.get(_STORE)
            os.environ[_STORE] = str(self._accounts)
            try:
                context = self._contexts.get(peer)
                if context is None or context.complete:
                    context = self._contexts[peer] = self._acceptor(scheme)
                    while len(self._contexts) > KEPT:
                        self._contexts.popitem(last=False)
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
