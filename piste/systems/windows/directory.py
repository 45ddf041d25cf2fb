"""Active Directory as transport: LDAP over verified TLS, to the PDC emulator only.

Only this file imports ldap3, last released in 2021: python-ldap can replace it here. All calls go to the PDC emulator:
replicas agree only later, and the Windows tools edit policies there too.

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

from piste.engine.converge.errors import AnswerLost, Misused, PisteError, Unreachable
from piste.engine.transport.faults import certificate, reason
from piste.engine.transport.shared import Shared, run_folder
from piste.systems.windows import certificates, heard
from piste.systems.windows import dn as names
from piste.systems.windows.domain import Domain
from piste.systems.windows.entry import Entry
from piste.systems.windows.patience import within
from piste.systems.windows.refusals import NO_SUCH_OBJECT, SUCCESS, refused, refused_bind
from piste.systems.windows.searches import DACL, DESCRIPTOR, Answers, Scope, Search

PORT = 636
PAGE = 1000
LONGEST = 5
"""A whole answer may take this many times the time allowed for its first byte."""
_TREE_DELETE = ("1.2.840.113556.1.4.805", True, None)
_CONTEXTS = ("defaultNamingContext", "configurationNamingContext")
_PAGED = "1.2.840.113556.1.4.319"

Value = str | int | bytes
_SCOPES: Mapping[Scope, Any] = {"base": ldap3.BASE, "one": ldap3.LEVEL, "subtree": ldap3.SUBTREE}


class Directory:
    """A domain, seen from one process through its PDC emulator.

    Every method raises `Unreachable` where nothing answers, `AnswerLost` for a write without an answer, `Conflict` for
    a write whose object is not as it was read, and `Rejected`, with the missing right, for a refusal of the controller.
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
                connection.unbind()  # the controller may have closed it

    @cached_property
    def _facts(self) -> Mapping[str, str]:
        """The facts of the domain, looked up once a run by its first process."""
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
        """Return the end of the controller's certificate, in seconds since 1970."""
        return ssl.cert_time_to_seconds(self._connected.socket.getpeercert()["notAfter"])

    @cached_property
    def login(self) -> str:
        """The account in the form that SMB and Kerberos take: `name@domain`."""
        username = self.domain.username
        if not names.split(username)[0][0] or "=" not in username:
            return username
        entry = self.read(username, ["userPrincipalName", "sAMAccountName"])
        name = entry and (entry.text("userPrincipalName") or f"{entry.text('sAMAccountName')}@{self.name}")
        return name or username

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
        entries = self._search(connection, dn, "(objectClass=*)", attributes, "base", [])
        if not entries:
            raise Unreachable(
                f"ne montre pas « {dn or 'rootDSE'} »",
                where=self.domain.controller,
                why="Ce n’est pas un contrôleur de domaine, ou le compte n’y lit rien.",
                todo="Vérifiez piste_ad.controller et les droits du compte.",
            )
        return entries[0]

    # reading

    def search(
        self,
        base: str,
        query: str = "(objectClass=*)",
        attributes: Iterable[str] = (),
        scope: Scope = "subtree",
        *,
        descriptor: int = 0,
    ) -> list[Entry]:
        """Return the objects beneath `base` that match the filter: all pages, all values.

        No total is announced: an empty cookie ends a list, a cut list is refused (RFC 2696). The list is empty where
        `base` does not exist. `descriptor` says which parts of the security descriptor to read (`DACL`…).
        """
        controls = [security_descriptor_control(sdflags=descriptor)] if descriptor else []
        asked = [*attributes, *([DESCRIPTOR] if descriptor else [])] or ["1.1"]
        flat = [control for group in controls for control in group]
        for last in (False, True):
            try:
                return self._search(self._connected, base, query, asked, scope, flat)
            except PisteError:
                raise
            except Exception as error:  # ldap3 lets any exception through for an answer that is not LDAP
                self._drop()  # the controller may have closed the connection: try again on a new connection
                if last:
                    raise self._silent(self.controller, error) from error
        raise AssertionError  # the loop returns or raises

    def find(self, search: Search, base: str = "", *, fresh: bool) -> list[Entry]:
        """Return the objects of a search beneath `base`; with `fresh`, from the controller."""
        if fresh:
            return self._ask(search, base)
        return self._answers.beneath(search, partial(self._ask, search), base or self._root(search))

    def names(self, search: Search) -> set[str]:
        """Return the normal DNs of all the objects of a search, from the run's answers."""
        return self._answers.names(search, partial(self._ask, search))

    def forget(self) -> None:
        """Drop the run's answers: a write is about to change the directory, or has changed it."""
        self._answers.forget()

    def _ask(self, search: Search, base: str = "") -> list[Entry]:
        place = base or ",".join(part for part in (search.place, self._root(search)) if part)
        return self.search(place, search.query, search.attributes, search.scope, descriptor=search.descriptor)

    def _root(self, search: Search) -> str:
        return names.parent(self.configuration) if search.forest else self.base

    def read(self, dn: str, attributes: Iterable[str], *, descriptor: int = 0) -> Entry | None:
        entries = self.search(dn, "(objectClass=*)", attributes, "base", descriptor=descriptor)
        return entries[0] if entries else None

    @heard.search
    def _search(
        self,
        connection: ldap3.Connection,
        base: str,
        query: str,
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
                    query,
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
                raise self._refused(connection, f"lire {query}", base, f"lire les propriétés, sur {base}")
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
        """Create an object with all its attributes in one call."""
        content = {name: list(map(_wire, values)) for name, values in attributes.items() if values}
        self._write(
            "créer",
            dn,
            f"créer des objets {classes[-1]}, sur {names.parent(dn)}",
            lambda connection: connection.add(dn, list(classes), content),
        )

    def modify(self, dn: str, changes: Mapping[str, tuple[Sequence[Value], Sequence[Value]]]) -> None:
        """Change attributes from the values that were read to new values.

        Each change is `(before, after)`. Old values are deleted by value, so that the controller refuses the whole
        change, with a `Conflict`, where somebody else changed the attribute meanwhile. The order of values does not
        count: an attribute is a set.
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
        """Replace parts of an object's security descriptor, which cannot be changed by value."""
        content = {DESCRIPTOR: [(ldap3.MODIFY_REPLACE, [descriptor])]}
        self._modify(dn, content, security_descriptor_control(sdflags=parts), "modifier les autorisations")

    def _modify(
        self, dn: str, content: Mapping[str, Any], controls: Any = None, right: str = "écrire les propriétés"
    ) -> None:
        needed = f"{right}{'' if controls else f' {", ".join(content)}'}, sur {dn}"
        self._write("modifier", dn, needed, lambda connection: connection.modify(dn, content, controls=controls))

    def move(self, dn: str, to: str) -> None:
        """Give an object another name, another place, or both; its children go with it."""
        (attribute, value), *place = names.split(to)
        above = None if names.same(names.parent(dn), names.parent(to)) else names.join(place)
        self._write(
            "renommer ou déplacer",
            dn,
            f"écrire le nom et supprimer, sur {dn}, et créer, sur {names.parent(to)}",
            lambda connection: connection.modify_dn(dn, names.join([(attribute, value)]), new_superior=above),
        )

    def delete(self, dn: str, *, tree: bool = False) -> None:
        """Delete an object; with `tree`, its children too, in one call."""
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
        except PisteError:
            raise
        except Exception as lost:
            self._drop()
            raise AnswerLost("la réponse à une écriture s’est perdue", where=f"{what} {dn}", why=reason(lost)) from lost
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
                accepted = heard.bound(connection)
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
                    accepted = heard.bound(connection)
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
            remedy = "piste_ad.ca_file) et le nom du certificat (piste_ad.controller)"
            return certificates.unattested(controller, certificate(error), remedy)
        why, todo = reason(error, controller), "Vérifiez le réseau et le nom, puis relancez."
        return Unreachable("ne répond pas", where=controller, why=why, todo=todo)


class _Tls(ldap3.Tls):
    """TLS that accepts a certificate for `controller` only.

    The check of ldap3 itself would also accept a certificate for the address.
    """

    def __init__(self, controller: str, ca_file: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.controller, self.file = controller, ca_file
        self.fault: Exception | None = None

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        try:
            context = certificates.context(self.file, "piste_ad.ca_file")
            connection.socket = context.wrap_socket(connection.socket, server_hostname=self.controller)
        except (OSError, PisteError) as error:
            self.fault = error
            raise


def _wire(value: Value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
