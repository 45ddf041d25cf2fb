"""Authentication by Kerberos: one ticket for LDAP, SMB and WinRM, without fall-back to NTLM.

Only this file imports the packages of the extra `kerberos`. The ticket stays in the memory of the process: the
machine's own tickets are neither read nor changed.

Sources: RFC 4120, 7.5.9 (error codes); RFC 4559 (HTTP Negotiate); RFC 5929, 4 (binding to the TLS channel);
krb5.conf(5).
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from piste.engine.converge.errors import Misused, PisteError, Unreachable
from piste.engine.converge.resource import Field
from piste.engine.transport.shared import Shared, run_folder
from piste.systems.windows.refusals import RefusedAccount

NAME = "kerberos"
OPTIONS = (
    Field("keytab", "Keytab of the account, in place of C(password) with Kerberos.", type="path"),
    Field("kdc", "Name or address of the domain's key distribution centre, where DNS does not give it."),
)
"""Further options of an account that authenticates by Kerberos."""

MARGIN = 300
"""Seconds before its end at which a ticket is renewed."""
_ENVIRONMENT = threading.RLock()
_CONFIGURATION = "KRB5_CONFIG"

_BASE = -1765328384
_NO_ACCOUNT: Mapping[int, str] = {
    6: "ce compte n’existe pas",
    12: "une règle du domaine ne lui donne pas de ticket",
    14: "ce compte n’a pas de clé AES : son mot de passe est à changer",
    18: "ce compte est désactivé, verrouillé, ou a expiré",
    23: "le mot de passe a expiré",
    24: "mot de passe ou clé erronés",
    31: "mot de passe ou clé erronés",
}
_NO_SERVICE = 7
_SKEW = 37
_REFUSED = 0
"""No error of the KDC: the server refuses the ticket without saying why."""
_UNREACHABLE = (154, 156, 220)
"""The realm has no known KDC; no KDC answers; the KDC's name does not resolve."""
_ACCOUNT, _KDC = re.compile(r"([^@\s=]+)@([\w.-]+)"), re.compile(r"[\w.:\[\]-]*")
_NO_KEY = (181, 210)
"""The keytab has no key of the account; none of its keys has a type that the KDC asks for."""


@dataclass(frozen=True, slots=True)
class Kerberos:
    """An account that authenticates by tickets: `name@domain`, with its password or its keytab."""

    username: str
    password: str = field(default="", repr=False)
    keytab: str = ""
    kdc: str = ""

    @property
    def principal(self) -> str:
        """The account as Kerberos names it. Raises `Misused` for an account of another form."""
        match = _ACCOUNT.fullmatch(self.username)
        if not match or not _KDC.fullmatch(self.kdc):
            raise Misused(
                "Kerberos ne reconnaît pas cette forme de compte, ou de centre de distribution de clés (kdc)",
                where=" ; ".join(filter(None, (self.username, self.kdc))),
                todo="Donnez nom@domaine, avec le nom DNS du domaine ; et pour kdc un nom ou une adresse.",
            )
        return f"{match[1]}@{match[2].upper()}"

    @property
    def realm(self) -> str:
        return self.principal.rpartition("@")[2]

    @property
    def cache(self) -> str:
        """Name of the ticket's cache in memory, for GSSAPI.

        It is the same for the same account with the same password or keytab.
        """
        return f"MEMORY:piste-{hash(self) % 2**64:016x}"

    @property
    def spnego(self) -> Any:
        """The account in the form that pyspnego takes."""
        import spnego

        return spnego.KerberosCCache(self.cache, self.principal)

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Keep a valid ticket in the cache while the block signs in.

        Raises `RefusedAccount`, `Unreachable`, and `Misused` where the extra is not installed or the keytab cannot be
        used: errors of libkrb5 become messages for people.
        """
        _installed()
        with _ENVIRONMENT:
            before = os.environ.get(_CONFIGURATION)
            os.environ[_CONFIGURATION] = f"{self._configuration()}:{before or '/etc/krb5.conf'}"
            try:
                self._take()
                yield
            except PisteError:
                raise
            except Exception as error:
                if (number := _code(error)) is None:
                    raise
                raise self._failure(number, error) from error
            finally:
                if before is None:
                    del os.environ[_CONFIGURATION]
                else:
                    os.environ[_CONFIGURATION] = before

    def _configuration(self) -> Path:
        """Write a configuration of libkrb5 that precedes the machine's own: names as given, no RC4."""
        realm, domain = self.realm, self.realm.lower()
        kdc = f"  kdc = {self.kdc}\n" if self.kdc else ""
        text = f"""[libdefaults]
 default_realm = {realm}
 dns_canonicalize_hostname = false
 rdns = false
 forwardable = false
 permitted_enctypes = aes
 udp_preference_limit = 1
[realms]
 {realm} = {{
{kdc} }}
[domain_realm]
 .{domain} = {realm}
 {domain} = {realm}
"""
        return Shared(run_folder(), NAME).text(f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.conf", text)

    def _take(self) -> None:
        import krb5

        if _ENDS.get(self.cache, 0.0) - MARGIN > time.time():
            return
        context = krb5.init_context()
        who = krb5.parse_name_flags(context, self.principal.encode())
        options = krb5.get_init_creds_opt_alloc(context)
        if self.keytab:
            keys = krb5.kt_resolve(context, self._keys())
            ticket = krb5.get_init_creds_keytab(context, who, options, keytab=keys)
        else:
            ticket = krb5.get_init_creds_password(context, who, options, password=self.password.encode())
        cache = krb5.cc_resolve(context, self.cache.encode())
        krb5.cc_initialize(context, cache, ticket.client)
        krb5.cc_store_cred(context, cache, ticket)
        _ENDS[self.cache] = float(ticket.times.endtime)

    def _keys(self) -> bytes:
        """Return the keytab's name for libkrb5.

        Raises `Misused` unless it is a file that only its owner reads.
        """
        try:
            mode = os.stat(self.keytab).st_mode
        except OSError as error:
            raise self._unusable(str(error)) from error
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise self._unusable("d’autres comptes de ce poste peuvent le lire, ou ce n’est pas un fichier")
        return f"FILE:{self.keytab}".encode()

    def _unusable(self, why: str) -> PisteError:
        return Misused(
            f"le fichier de clés n’est pas celui de « {self.principal} », ou ne se lit pas",
            where=self.keytab,
            why=why,
            todo="Faites-le refaire (ktpass, ou samba-tool domain exportkeytab), lisible de votre seul compte (0600).",
        )

    def _failure(self, number: int, error: Exception) -> PisteError:
        where = self.kdc or self.realm
        if number in _NO_ACCOUNT:
            return RefusedAccount(
                f"refuse le compte « {self.username} » par Kerberos",
                where=where,
                why=_NO_ACCOUNT[number],
                todo="Vérifiez le compte et le mot de passe dans le coffre, ou le fichier de clés (keytab).",
            )
        if number == _REFUSED:
            return RefusedAccount(
                f"n’admet pas le ticket de « {self.username} »",
                where=where,
                why=str(error),
                todo="Cherchez la cause dans le journal du serveur : droits du compte, heure, liaison au canal TLS.",
            )
        if self.keytab and number in _NO_KEY:
            return self._unusable(str(error))
        if number == _SKEW:
            why = "l’horloge de ce poste s’écarte de plus de cinq minutes"
            todo = "Mettez ce poste à l’heure du domaine."
        elif number == _NO_SERVICE:
            why = "le domaine ne connaît pas le service sous ce nom"
            todo = "Désignez le serveur par son nom complet, et non par son adresse ; setspn -L dit ceux qu’il porte."
        elif number in _UNREACHABLE:
            why = "aucun centre de distribution de clés ne répond"
            todo = "Vérifiez le port 88 et le DNS (_kerberos._tcp), ou donnez kdc."
        else:
            why, todo = str(error), "Relancez ; si cela dure, cherchez ce message dans le journal du contrôleur."
        return Unreachable("ne donne pas de ticket Kerberos", where=where, why=why, todo=todo)


def of_option(option: Mapping[str, Any], *, kdc: str = "") -> Kerberos | None:
    """Return the account of an option that asks for Kerberos.

    Raises `Misused` for a keytab without Kerberos.
    """
    keytab = str(option.get("keytab") or "")
    if option.get("authentication") == NAME:
        password = "" if keytab else str(option.get("password") or "")
        return Kerberos(str(option["username"]), password, keytab, str(option.get("kdc") or kdc))
    if keytab:
        raise Misused(
            "un fichier de clés ne sert qu’à Kerberos",
            where=keytab,
            todo="Demandez authentication: kerberos, ou retirez keytab et donnez le mot de passe.",
        )
    return None


_ENDS: dict[str, float] = {}
"""End of each ticket of this process, in seconds since 1970, by cache."""


class Negotiate:
    """Authentication to a host over HTTPS, once a connection (RFC 4559), for `requests`."""

    def __init__(self, kerberos: Kerberos, host: str) -> None:
        self.kerberos, self.host = kerberos, host

    def __call__(self, request: Any) -> Any:
        request.register_hook("response", self._answered)
        return request

    def _answered(self, response: Any, **options: Any) -> Any:
        offered = response.headers.get("WWW-Authenticate", "").lower()
        scheme = next((name for name in ("Negotiate", "Kerberos") if name.lower() in offered), "")
        if response.status_code != 401 or "Authorization" in response.request.headers or not scheme:
            return response
        import spnego

        binding = _endpoint(response.raw.connection.sock.getpeercert(True))
        with self.kerberos.ready():
            context = spnego.client(
                self.kerberos.spnego,
                hostname=self.host,
                service="HTTP",
                protocol=NAME,
                channel_bindings=spnego.channel_bindings.GssChannelBindings(application_data=binding),
                context_req=spnego.ContextReq.mutual_auth,
            )
            token = context.step() or b""
            _ = response.content  # frees the connection, which the next request must take again
            response.raw.release_conn()
            request = response.request.copy()
            request.headers["Authorization"] = f"{scheme} {b64encode(token).decode()}"
            answer = response.connection.send(request, **options)
            answer.history.append(response)
            answer.request = request
            if answer.status_code != 401:
                context.step(b64decode(answer.headers.get("WWW-Authenticate", "").partition(" ")[2]))
        return answer


def _endpoint(certificate: bytes) -> bytes:
    """Return the channel binding of a certificate (RFC 5929, 4.1).

    It has the hash of the certificate's signature, or SHA-256 in place of MD5 and SHA-1.
    """
    from cryptography.x509 import load_der_x509_certificate

    signed = load_der_x509_certificate(certificate).signature_hash_algorithm
    name = signed.name if signed and signed.name not in ("md5", "sha1") else "sha256"
    return b"tls-server-end-point:" + hashlib.new(name, certificate).digest()


def _code(error: BaseException | None) -> int | None:
    """Return the number of libkrb5's error in a chain of errors.

    It is 0 for another error of GSSAPI, None for any other error.
    """
    other = None
    while error is not None:
        for name in ("err_code", "min_code"):
            code = getattr(error, name, None)
            if isinstance(code, int):
                other = 0
                if 0 < (number := (code - _BASE) % 2**32) < 256:
                    return number
        error = getattr(error, "base_error", None) or error.__cause__ or error.__context__
    return other


def _installed() -> None:
    try:
        import gssapi  # noqa: F401
        import krb5  # noqa: F401
        import spnego  # noqa: F401
    except ImportError as error:
        raise Misused(
            "Kerberos est demandé, et ce poste n’a pas de quoi le parler",
            where="authentication: kerberos",
            why=f"paquet absent : {error.name}",
            todo="Installez-le (scripts/bootstrap.sh kerberos), ou choisissez ntlm là où le domaine l’admet.",
        ) from error
