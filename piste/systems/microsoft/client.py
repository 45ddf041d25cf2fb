"""Client of Microsoft Graph and of Defender for Endpoint: reads alone, in pages, whole.

It signs in as an application, by a certificate, and carries no other write than the request of its token.

Sources: Microsoft identity platform, *Certificate credentials* (PS256, `x5t#S256`, an `exp` of ten minutes at most) and
*OAuth 2.0 client credentials flow*; Microsoft Graph, *Paging*, *Error responses*, *Throttling guidance*; Defender for
Endpoint, *List machines API*. What no source proves is a belief (`beliefs/microsoft.yml`).
"""

from __future__ import annotations

import json
import re
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from piste.engine.converge.errors import Misused, Rejected, Unreachable
from piste.engine.converge.secrets import refuse_none
from piste.engine.transport.client import Client
from piste.engine.transport.http import Transport, segment
from piste.engine.transport.response import Response, rejected

GRAPH, LOGIN, SECURITY = (
    "https://graph.microsoft.com", "https://login.microsoftonline.com", "https://api.securitycenter.microsoft.com",
)  # fmt: skip
"""Graph, what gives tokens, and Defender.

The address of Defender is the resource that its token is asked for (*Create an app to access Microsoft Defender for
Endpoint without a user*).
"""
LIFE = 300
"""Seconds of an assertion: five to ten minutes are advised."""
EARLY = 60
"""Seconds before now from which an assertion holds."""
MOST = 200
"""Pages of a list: a tenant that announces more is not believed."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LICENCE = re.compile(r"premium|licen[cs]e", re.I)
"""The mark of a refusal for want of a licence [belief microsoft.licence]."""


class ReadOnly(Transport):
    """A transport of reads, and of the request of a token at `tokens`: nothing else leaves."""

    tokens = ""

    def _persist(
        self, method: str, url: str, body: Any, headers: Mapping[str, str], write: bool, safe: bool
    ) -> Response:
        if method != "GET" and (method, url) != ("POST", self.tokens):
            why = "Le client de Microsoft 365 ne fait que lire."
            raise Misused(f"« {method} » n’est pas envoyé", where=url, why=why, todo="Écrivez dans la console.")
        return super()._persist(method, url, body, headers, write, safe)


class Microsoft(Client):
    """Client of one tenant, for one process; its tokens end by themselves."""

    line: type[Transport] = ReadOnly
    transport: ReadOnly

    def __init__(self, connection: Mapping[str, Any]) -> None:
        super().__init__(connection, "Microsoft 365", "piste_microsoft")
        refuse_none(self.root, connection.get("private_key"))
        self._tenant, self._application = (str(connection.get(name) or "") for name in ("tenant", "application"))
        self.security = str(connection.get("security_url") or SECURITY).rstrip("/")
        self._tokens: dict[str, str] = {}
        self._documents: dict[str, list[dict[str, Any]]] = {}
        self.travel({"Accept": "application/json"})
        login = str(connection.get("login_url") or LOGIN).rstrip("/")
        self.transport.tokens = f"{login}/{segment(self._tenant)}/oauth2/v2.0/token"

    def rights(self, audience: str = "") -> list[str]:
        """Give the permissions that a token carries, for Graph if no other [belief microsoft.roles]."""
        try:
            claims = json.loads(_unpadded(self._token(audience or self.root, audience or self.root).split(".")[1]))
            return sorted(str(role) for role in claims.get("roles", ()))
        except (AttributeError, IndexError, TypeError, ValueError):
            raise Rejected("le jeton ne dit pas ses droits", where=self.host) from None

    @property
    def defended(self) -> bool:
        """Tell whether the town has Defender, as it declares."""
        return bool(self.connection.get("defender", True))

    def items(
        self, path: str, query: Mapping[str, Any] | None = None, *, newest: bool = False
    ) -> list[dict[str, Any]]:
        """Read a list of Graph whole, in pages, once; an object alone is a list of itself.

        Of what is sorted by time, `newest` reads the first page.
        """
        asked = f"{path}?{urlencode(query or {})}"
        if asked not in self._documents:
            pages = self._pages(f"{self.root}/v1.0{path}", self.root, self.root, query)
            top = int((query or {}).get("$top", MOST))
            self._documents[asked] = [*(islice(pages, top) if newest else pages)]
        return self._documents[asked]

    def machines(self, path: str, query: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Read a list of Defender for Endpoint whole."""
        return [*self._pages(f"{self.security}/api{path}", self.security, SECURITY, query)]

    def _pages(self, url: str, root: str, audience: str, query: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
        seen = set[str]()
        while url:
            if url in seen or len(seen) == MOST:
                raise Rejected("sa liste ne finit pas", where=root, why=f"{len(seen)} pages lues")
            seen.add(url)
            response = self._get(url, audience, query)
            content, query = response.mapping(), None
            page = content.get("value", [content])
            if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
                response.refuse("une liste d’objets est attendue (value)")
            yield from page
            link = content.get("@odata.nextLink")
            if link is not None and not isinstance(link, str):
                response.refuse("l’adresse de la page suivante est attendue (@odata.nextLink)")
            url = self.transport.trusted(response, link) if link else ""

    def _get(self, url: str, audience: str, query: Mapping[str, Any] | None) -> Response:
        for again in (False, True):
            token = self._token(audience, url)
            response = self.transport.request("GET", url, query=query, headers={"Authorization": f"Bearer {token}"})
            if response.status != 401 or again:
                break
            # A token lives an hour or so: a long reading outlives it.
            del self._tokens[audience]
        if response.status >= 400:
            raise rejected(response, f"GET {url.partition('?')[0]}", _said(response))
        return response

    def _token(self, audience: str, where: str) -> str:
        """Ask for a token. Raises `Unreachable` where the application is refused."""
        if audience not in self._tokens:
            began = self.transport.now()
            response = self._signed_in(audience)
            if response.status >= 400 and abs(self.transport.now() - began) > EARLY / 2:
                # A proof holds a few minutes: the answer has said what time it is there.
                response = self._signed_in(audience)
            if response.status >= 400:
                raise Unreachable(
                    f"Microsoft refuse de donner un jeton ({response.status})",
                    where=where,
                    why=_said(response),
                    todo="Vérifiez le locataire, l’application et son certificat (piste_microsoft).",
                )
            token = response.mapping("access_token")["access_token"]
            if not isinstance(token, str) or not token.isprintable() or not token.isascii():
                response.refuse("un jeton est attendu")
            self._tokens[audience] = token
        return self._tokens[audience]

    def _signed_in(self, audience: str) -> Response:
        asked = {
            "grant_type": "client_credentials", "client_id": self._application, "scope": f"{audience}/.default",
            "client_assertion_type": BEARER, "client_assertion": self._assertion(),
        }  # fmt: skip
        return self.transport.request(
            "POST", self.transport.tokens, body=urlencode(asked).encode(), headers=FORM,
            retry_passing=True, changes=False,
        )  # fmt: skip

    def _assertion(self) -> str:
        """Sign what proves the application, with the key of its certificate."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        given = self.connection
        try:
            certificate = x509.load_pem_x509_certificate(str(given.get("certificate") or "").encode())
            key = serialization.load_pem_private_key(str(given["private_key"]).encode(), None)
        except (TypeError, ValueError):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey) or certificate.public_key() != key.public_key():
            raise Misused(
                "le certificat de l’application et sa clé ne vont pas ensemble, ou ne se lisent pas",
                where="piste_microsoft",
                todo="Donnez en PEM le certificat déposé dans l’application (certificate) et sa clé RSA (private_key).",
            )
        now = int(self.transport.now())
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": _packed(certificate.fingerprint(hashes.SHA256()))}
        claims = {
            "aud": self.transport.tokens, "iss": self._application, "sub": self._application, "jti": str(uuid.uuid4()),
            "nbf": now - EARLY, "iat": now - EARLY, "exp": now + LIFE,
        }  # fmt: skip
        signed = ".".join(_packed(json.dumps(part).encode()) for part in (header, claims))
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)
        return f"{signed}.{_packed(key.sign(signed.encode(), pss, hashes.SHA256()))}"


def needs_licence(error: Rejected) -> bool:
    """Tell whether a refusal is that of a licence [belief microsoft.licence]."""
    return bool(LICENCE.search(error.why))


def _packed(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _said(response: Response) -> str:
    """Give the words of a refusal: its code and message, or those of the endpoint of tokens."""
    words = response.words()
    error = words.get("error") if isinstance(words, dict) else None
    if isinstance(error, dict):
        parts = [error.get("code"), error.get("message")]
    else:
        parts = [error, words.get("error_description")] if isinstance(words, dict) else []
    return " : ".join(part[:200] for part in parts if isinstance(part, str) and part)
