"""Active Directory as transport: LDAP over verified TLS, to the PDC emulator alone.

The only file that imports ldap3, whose last release is of 2021: python-ldap can take its place here. One controller is
spoken to, since replicas agree only later and the tools of Windows edit policies on the PDC emulator too.

Sources: RFC 4511 (LDAP), MS-ADTS 3.1.1.3.4.1.11 (LDAP_SERVER_SD_FLAGS_OID), 3.1.1.3.4.1.15 (tree delete).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPExceptionError
from ldap3.protocol.microsoft import security_descriptor_control

from piste.converge.errors import AnswerLost, Misused, PisteError, Unreachable
from piste.transport.shared import Shared, run_folder
from piste.windows import certificates
from piste.windows import dn as names
from piste.windows.domain import Domain
from piste.windows.entry import Entry
from piste.windows.patience import within
from piste.windows.refusals import NO_SUCH_OBJECT, SUCCESS, refused, refused_bind
from piste.windows.searches import DACL, Answers, Scope, Search

PORT = 636
PAGE = 1000
LONGEST = 5
"""How many times the time of an answer's first byte an answer may take, whole."""
DESCRIPTOR = "nTSecurityDescriptor"
_TREE_DELETE = ("1.2.840.113556.1.4.805", True, None)
_CONTEXTS = ("defaultNamingContext", "configurationNamingContext")
_PAGED = "1.2.840.113556.1.4.319"

Value = str | int | bytes
_SCOPES: Mapping[Scope, Any] = {"base": ldap3.BASE, "one": ldap3.LEVEL, "subtree": ldap3.SUBTREE}


class Directory:
    """One domain, seen from one process through its PDC emulator.

    Every method raises `Unreachable` where nothing answers, `AnswerLost` for a write whose answer never
    came, `Conflict` for a write that meets something else than what was read, and `Rejected`, with the
    right that is missing, for what the controller refuses.
    """

    def __init__(self, domain: Domain, run: Path | None = None) -> None:
        self.domain = domain
        self.shared = Shared(run or run_folder(), f"windows-{domain.controller}")
        self.calls: dict[str, int] = {"reads": 0, "writes": 0}
        self._answers = Answers(self.shared)
        self._connection: ldap3.Connection | None = None

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(LDAPExceptionError, OSError):
                connection.unbind()  # it may be gone already

    # the domain

    @cached_property
    def _facts(self) -> Mapping[str, str]:
        """What the run knows of the domain, looked up by the first of its processes."""
        facts: Mapping[str, str] = self.shared.once("facts", self._discover)
        return facts

    @property
    def controller(self) -> str:
        """Full name of the PDC emulator."""
        return self._facts["controller"]

    @property
    def base(self) -> str:
        """Distinguished name of the domain."""
        return self._facts["base"]

    @property
    def name(self) -> str:
        """DNS name of the domain."""
        return names.domain_of(self.base)

    @property
    def configuration(self) -> str:
        """Distinguished name of the forest's configuration."""
        return self._facts["configuration"]

    @property
    def sid(self) -> str:
        """SID of the domain."""
        return self._facts["sid"]

    def certificate_end(self) -> float:
        """When the controller's certificate ends, in seconds since 1970."""
        return ssl.cert_time_to_seconds(self._connected.socket.getpeercert()["notAfter"])

    @cached_property
    def login(self) -> str:
        """The account as other protocols than LDAP take it: `name@domain`."""
        username = self.domain.username
        if not names.split(username)[0][0] or "=" not in username:
            return username
        entry = self.read(username, ["userPrincipalName", "sAMAccountName"])
        found = entry and (entry.text("userPrincipalName") or f"{entry.text('sAMAccountName')}@{self.name}")
        return found or username

    def _discover(self) -> dict[str, str]:
        given = self._connect(self.domain.controller, self.domain.address)
        try:
            root = self._entry(given, "", _CONTEXTS)
            base, configuration = (root.read(name, bytes.decode) for name in _CONTEXTS)
            top = self._entry(given, base, ["fSMORoleOwner", "objectSid"])
            holder = names.parent(top.read("fSMORoleOwner", bytes.decode))
            controller = self._entry(given, holder, ["dNSHostName"]).read("dNSHostName", bytes.decode).lower()
            sid = top.read("objectSid", names.sid_text)
        except BaseException:
            given.unbind()
            raise
        if controller == self.domain.controller:
            self._connection = given
        else:
            given.unbind()
        return {"controller": controller, "base": base, "configuration": configuration, "sid": sid}

    def _entry(self, connection: ldap3.Connection, dn: str, attributes: Sequence[str]) -> Entry:
        found = self._search(connection, dn, "(objectClass=*)", attributes, "base", [])
        if not found:
            raise Unreachable(
                f"ne montre pas « {dn or 'rootDSE'} »",
                where=self.domain.controller,
                why="Ce n'est pas un contrôleur de domaine, ou le compte n'y lit rien.",
                todo="Vérifiez domain.controller et les droits du compte.",
            )
        return found[0]

    # reading

    def search(
        self,
        base: str,
        wanted: str = "(objectClass=*)",
        attributes: Iterable[str] = (),
        scope: Scope = "subtree",
        *,
        descriptor: int = 0,
    ) -> list[Entry]:
        """Objects beneath `base` that fit the filter, all pages, all values; none where `base` does not exist.

        `descriptor` says which parts of the security descriptor come with it (`DACL`…).
        """
        controls = [security_descriptor_control(sdflags=descriptor)] if descriptor else []
        asked = [*attributes, *([DESCRIPTOR] if descriptor else [])] or ["1.1"]
        flat = [control for group in controls for control in group]
        for last in (False, True):
            try:
                return self._search(self._connected, base, wanted, asked, scope, flat)
            except PisteError:
                raise
            except Exception as error:  # ldap3 raises whatever comes of an answer that is not LDAP
                self._drop()  # a kept connection that the controller has closed: once more, on a new one
                if last:
                    raise self._silent(self.controller, error) from error
        raise AssertionError  # the loop returns or raises

    def find(self, search: Search, base: str = "", *, fresh: bool) -> list[Entry]:
        """Objects beneath `base`, else of the whole domain; `fresh` has the controller itself asked for these."""
        if fresh:
            return self._ask(search, base)
        return self._answers.beneath(search, partial(self._ask, search), base or self.base)

    def names(self, search: Search) -> set[str]:
        """Normal DNs of the objects that the run knows of a search."""
        return self._answers.names(search, partial(self._ask, search))

    def forget(self) -> None:
        """Have what the run keeps of searches asked for anew: it is about to change, or it has."""
        self._answers.forget()

    def _ask(self, search: Search, base: str = "") -> list[Entry]:
        place = base or ",".join(part for part in (search.place, self.base) if part)
        return self.search(place, search.wanted, search.attributes, search.scope, descriptor=search.descriptor)

    def read(self, dn: str, attributes: Iterable[str], *, descriptor: int = 0) -> Entry | None:
        found = self.search(dn, "(objectClass=*)", attributes, "base", descriptor=descriptor)
        return found[0] if found else None

    def _search(
        self,
        connection: ldap3.Connection,
        base: str,
        wanted: str,
        attributes: Sequence[str],
        scope: Scope,
        controls: Sequence[Any],
    ) -> list[Entry]:
        entries: list[Entry] = []
        cookie: bytes | None = None
        while True:
            self.calls["reads"] += 1
            with within(LONGEST * self.domain.timeout, connection.socket):
                connection.search(
                    base,
                    wanted,
                    _SCOPES[scope],
                    attributes=list(attributes),
                    controls=list(controls) or None,
                    paged_size=None if scope == "base" else PAGE,
                    paged_cookie=cookie,
                )
            code = connection.result["result"]
            if code == NO_SUCH_OBJECT:
                return []
            if code != SUCCESS:
                raise self._refused(connection, f"lire {wanted}", base, f"lire les propriétés, sur {base}")
            entries += [
                Entry(answer["dn"], answer["raw_attributes"])
                for answer in connection.response or ()
                if answer["type"] == "searchResEntry"
            ]
            answered = (connection.result.get("controls") or {}).get(_PAGED)
            cookie = answered["value"]["cookie"] if answered else None
            if not cookie:
                return entries

    # writing

    def add(self, dn: str, classes: Sequence[str], attributes: Mapping[str, Sequence[Value]]) -> None:
        """Create an object, of which the attributes are all set at once."""
        content = {name: list(map(_wire, values)) for name, values in attributes.items() if values}
        self._write(
            "créer",
            dn,
            f"créer des objets {classes[-1]}, sur {names.parent(dn)}",
            lambda connection: connection.add(dn, list(classes), content),
        )

    def modify(self, dn: str, changes: Mapping[str, tuple[Sequence[Value], Sequence[Value]]]) -> None:
        """Bring attributes from the values that were read to others.

        Each change is `(before, after)`: what goes is deleted by its value and what comes is added, so that the
        controller refuses the whole, with a `Conflict`, where somebody else changed the attribute meanwhile. An
        `after` in another order is written anew: an attribute is a set.
        """
        content: dict[str, list[tuple[Any, list[Any]]]] = {}
        for name, (before, after) in changes.items():
            old, new = [_wire(value) for value in before], [_wire(value) for value in after]
            steps = [
                (ldap3.MODIFY_DELETE, [value for value in old if value not in new]),
                (ldap3.MODIFY_ADD, [value for value in new if value not in old]),
            ]
            if todo := [(verb, values) for verb, values in steps if values]:
                content[name] = todo
        if content:
            self._modify(dn, content)

    def put_descriptor(self, dn: str, descriptor: bytes, parts: int = DACL) -> None:
        """Replace parts of an object's security descriptor, which the controller does not let change by value."""
        content = {DESCRIPTOR: [(ldap3.MODIFY_REPLACE, [descriptor])]}
        self._modify(dn, content, security_descriptor_control(sdflags=parts), "modifier les autorisations")

    def _modify(
        self, dn: str, content: Mapping[str, Any], controls: Any = None, right: str = "écrire les propriétés"
    ) -> None:
        properties = "" if controls else f" {', '.join(content)}"
        needed = f"{right}{properties}, sur {dn}"
        self._write("modifier", dn, needed, lambda connection: connection.modify(dn, content, controls=controls))

    def move(self, dn: str, to: str) -> None:
        """Give an object another name, another place, or both; what it holds goes with it."""
        (attribute, value), *place = names.split(to)
        above = None if names.same(names.parent(dn), names.parent(to)) else names.join(place)
        self._write(
            "renommer ou déplacer",
            dn,
            f"écrire le nom et supprimer, sur {dn}, et créer, sur {names.parent(to)}",
            lambda connection: connection.modify_dn(dn, names.join([(attribute, value)]), new_superior=above),
        )

    def delete(self, dn: str, *, tree: bool = False) -> None:
        """Delete an object; with `tree` all that it holds, at once."""
        self._write(
            "supprimer",
            dn,
            f"supprimer{' la sous-arborescence' if tree else ''}, sur {dn}",
            lambda connection: connection.delete(dn, controls=[_TREE_DELETE] if tree else None),
        )

    def _write(self, what: str, dn: str, right: str, send: Any) -> None:
        connection = self._connected
        self.calls["writes"] += 1
        self.forget()
        try:
            with within(LONGEST * self.domain.timeout, connection.socket):
                send(connection)
        except Exception as error:
            self._drop()
            raise AnswerLost("la réponse à une écriture s'est perdue", where=f"{what} {dn}", why=str(error)) from error
        finally:
            self.forget()
        if connection.result["result"] != SUCCESS:
            raise self._refused(connection, what, dn, right)

    # the connection

    @property
    def _connected(self) -> ldap3.Connection:
        controller = self.controller
        if self._connection is None:
            address = self.domain.address if controller == self.domain.controller else ""
            self._connection = self._connect(controller, address)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.socket is not None:
            connection.socket.close()

    def _connect(self, controller: str, address: str) -> ldap3.Connection:
        timeout = self.domain.timeout
        tls = _Tls(controller, self.domain.ca_file)
        server = ldap3.Server(
            address or controller, PORT, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=timeout
        )
        options: dict[str, Any] = {"auto_referrals": False, "check_names": False, "receive_timeout": timeout}
        try:
            if self.domain.kerberos is None:
                connection = ldap3.Connection(server, self.domain.username, self.domain.password, **options)
                accepted = _bound(connection)
            else:
                with self.domain.kerberos.ready():
                    connection = ldap3.Connection(
                        server,
                        self.domain.kerberos.principal,
                        authentication=ldap3.SASL,
                        sasl_mechanism=ldap3.KERBEROS,
                        sasl_credentials=(controller,),
                        cred_store={"ccache": self.domain.kerberos.cache},
                        **options,
                    )
                    accepted = _bound(connection)
        except PisteError:
            raise
        except Exception as error:
            cause = tls.fault or error
            raise self._silent(controller, cause) from cause
        if not accepted:
            result = connection.result
            connection.unbind()
            raise refused_bind(controller, self.domain.username, result["result"], result["message"])
        return connection

    def _refused(self, connection: ldap3.Connection, what: str, dn: str, right: str) -> PisteError:
        result = connection.result
        return refused(self.domain.controller, result["result"], result["message"].strip("\0"), what, dn, right)

    def _silent(self, controller: str, error: Exception) -> PisteError:
        if isinstance(error, Misused):
            return error
        if isinstance(error, ssl.SSLCertVerificationError):
            remedy = "domain.ca_file) et le nom du certificat (domain.controller)"
            return certificates.unattested(controller, error.verify_message, remedy)
        return Unreachable(
            "ne répond pas", where=controller, why=str(error), todo="Vérifiez le réseau et le nom, puis relancez."
        )


def _bound(connection: ldap3.Connection) -> bool:
    """Connect and sign in; ldap3 binds what SASL proves to the certificate of the TLS channel (RFC 5929)."""
    connection.open(read_server_info=False)
    return bool(connection.bind(read_server_info=False))


class _Tls(ldap3.Tls):
    """TLS that accepts the certificate of `controller` alone, wherever the connection goes: ldap3's own check takes
    the address for one more valid name."""

    def __init__(self, controller: str, ca_file: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.controller, self.file = controller, ca_file
        self.fault: Exception | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        try:
            context = certificates.context(self.file, "domain.ca_file")
            connection.socket = context.wrap_socket(connection.socket, server_hostname=self.controller)
        except (OSError, PisteError) as error:
            self.fault = error
            raise


def _wire(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
