"""Fixed PowerShell snippets, run over WinRM, for objects without a protocol of their own.

A shell's command line goes through `cmd.exe`. A request has 500 kB at most (`MaxEnvelopeSizekb`): input is sent in
chunks. An answer has 150 kB: answers are read until the command ends.

Sources: MS-WSMV 3.1.4 (shells, commands, their streams and signals), 2.2.4.43 (faults); MS-ERREF (their numbers).
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import requests.adapters
import urllib3
import urllib3.connection
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)
from winrm.protocol import Protocol

from piste.engine.converge.errors import AnswerLost, PisteError, Rejected, Unreachable
from piste.engine.transport.faults import reason
from piste.systems.windows import certificates, heard
from piste.systems.windows.kerberos import Negotiate
from piste.systems.windows.patience import within
from piste.systems.windows.refusals import RefusedAccount
from piste.systems.windows.snippets import COMMAND, SNIPPETS, arguments
from piste.systems.windows.snippets.answers import fitting
from piste.systems.windows.winrm_access import PORT, Access

UTF8 = 65001
LARGEST = 4_000_000
"""Most bytes of an answer. A host sends 150 kB, or what its administrator allows."""
LONGEST = 120.0
"""Most seconds for a whole answer, even from a host that sends a byte now and then."""
SILENT = 10
"""Most successive answers without output. A sound host waits until it has some, or until `_POLL`."""
OUTPUT = 100_000_000
"""Most bytes of a command's output."""
CHUNK = 100_000
"""Bytes of input in a request: base64 makes them a third longer."""
ATTEMPTS = 3
PATIENCE = 60.0
"""Seconds to wait for a host that says "too many sessions"."""
_POLL = 20
"""Seconds after which a host without output answers that it has none yet."""

_QUOTAS = frozenset({2150859173, 2150859174, 2150859175, 2150859179, 2150859236, 2150859237, 2150859240})
"""ERROR_WSMAN_QUOTA_MAX_SHELLS, …_OPERATIONS, …_USER, …_SHELLUSERS and their forms per plug-in."""
_NO_SHELL = 2150858843
_CA_FILE = "piste_winrm.ca_file"
_DENIED = 5


class _Connection(urllib3.connection.HTTPSConnection):
    """A connection with a time limit on the head of an answer."""

    def getresponse(self) -> Any:
        with within(LONGEST, self.sock):
            return super().getresponse()


class _Pool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Bounded(requests.adapters.HTTPAdapter):
    """Answers that are limited in bytes and in seconds, and without redirects."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        response = super().send(*arguments, **options)
        if response.is_redirect:
            # Following it would send the account's proof to any host, even without TLS.
            response.close()
            raise requests.exceptions.TooManyRedirects("renvoie vers une autre adresse : rien n’y est envoyé")
        stream, end = response.raw.stream, time.monotonic() + LONGEST

        def bounded(*asked: Any, **how: Any) -> Iterator[bytes]:
            size = 0
            for piece in stream(*asked, **how):
                size += len(piece)
                if size > LARGEST:
                    raise ValueError(f"réponse de plus de {LARGEST} octets")
                if time.monotonic() > end:
                    raise TimeoutError(f"réponse qui dure plus de {LONGEST:.0f} s")
                yield piece

        response.raw.stream = bounded
        return response


class _Permitted(Protocol):
    def run_command(self, shell_id: str, command: str, arguments: Any = (), *how: Any, **options: Any) -> Any:
        heard.permit_command(command, arguments)
        return super().run_command(shell_id, command, arguments, *how, **options)


class Session:
    """A session with a host: the first snippet opens a shell, `close` closes it.

    `run` raises `Unreachable` where the host does not answer or refuses the account, `AnswerLost` where a snippet that
    writes received all its input and its end is unknown, and `Rejected`, with the host's own words, for a refusal.
    """

    def __init__(self, access: Access, host: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self.access, self.host = access, host
        self.calls: dict[str, int] = {"reads": 0, "writes": 0}
        self._sleep = sleep
        self._url = access.url(host)
        self._protocol: Protocol | None = None
        self._shell = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        protocol, shell = self._protocol, self._shell
        self._protocol, self._shell = None, ""
        if protocol is None:
            return
        try:
            if shell:
                protocol.close_shell(shell)
        except Exception:
            return  # the host ends an idle shell by itself
        finally:
            protocol.transport.close_session()

    @heard.snippet
    def run(self, snippet: str, **given: Any) -> dict[str, Any]:
        """Run a snippet and return its answer.

        Its arguments go to its standard input, never in a command line. It does nothing before it has all its input: a
        failure is retried until then.
        """
        writes = SNIPPETS[snippet].writes
        self.calls["writes" if writes else "reads"] += 1
        text = json.dumps(given).encode("ascii")
        deadline = time.monotonic() + PATIENCE
        failures = 0
        while True:
            sent = False
            try:
                command, last = self._start(snippet, text)
                sent = True  # from here on the snippet may run, even without an answer
                self._give(command, last, end=True)
                out, err = self._output(command)
                break
            except Exception as error:
                if isinstance(error, WSManFaultError) and not sent and self._in_a_moment(error, deadline):
                    continue
                self._drop()
                if sent and writes:
                    raise AnswerLost(
                        f"la réponse à « {snippet} » s’est perdue", where=self.host, why=self._reason(error)
                    ) from error
                failures += 1
                if failures >= ATTEMPTS or not _passing(error):
                    raise self._failure(error) from error
                self._sleep(0.5 * 2**failures)
            except BaseException:
                self._drop()
                raise
        return self._answer(snippet, out, err)

    def _start(self, snippet: str, text: bytes) -> tuple[str, bytes]:
        """Start a snippet and send all its input but the last piece, for which it waits."""
        if self._protocol is None:
            self._protocol = self._connect()
        if not self._shell:
            self._shell = self._protocol.open_shell(codepage=UTF8, noprofile=True)
        # Input is a pipe: a console would echo and edit it.
        command = self._protocol.run_command(self._shell, COMMAND, arguments(snippet), console_mode_stdin=False)
        *pieces, last = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
        for piece in pieces:
            self._give(command, piece, end=False)
        return command, last

    def _give(self, command: str, piece: bytes, *, end: bool) -> None:
        assert self._protocol is not None
        self._protocol.send_command_input(self._shell, command, piece, end=end)

    def _output(self, command: str) -> tuple[bytes, bytes]:
        """Return the output of a command, standard and error.

        Raises TimeoutError where it does not end.
        """
        assert self._protocol is not None
        out, err, size, silent = [], [], 0, 0
        deadline = time.monotonic() + self.access.timeout
        while True:
            waited = False
            try:
                more, wrong, _, done = self._protocol.get_command_output_raw(self._shell, command)
            except WinRMOperationTimeoutError:
                more, wrong, done, waited = b"", b"", False, True
            out.append(more)
            err.append(wrong)
            if (size := size + len(more) + len(wrong)) > OUTPUT:
                raise ValueError(f"réponse de plus de {OUTPUT} octets")
            if done:
                self._end(command)
                return b"".join(out), b"".join(err)
            silent = 0 if more or wrong or waited else silent + 1
            if silent > SILENT:
                raise ValueError("des réponses, et rien de la commande")
            if time.monotonic() > deadline:
                raise TimeoutError(f"rien au bout de {self.access.timeout} s")

    def _end(self, command: str) -> None:
        """Free a command that has ended; where that fails, the next command takes another shell."""
        assert self._protocol is not None
        try:
            self._protocol.cleanup_command(self._shell, command)
        except Exception:
            self._drop()

    def _answer(self, snippet: str, out: bytes, err: bytes) -> dict[str, Any]:
        """Return the answer of a snippet: the last line of its output.

        PowerShell's own messages may precede it.
        """
        try:
            answer = json.loads(out.splitlines()[-1])
            json.dumps(answer, ensure_ascii=False).encode()  # ValueError of half a character, which is no text
            if "error" in answer:
                raise Rejected(
                    f"« {snippet} » : refusé", where=self.host, why=f"{answer['error'].strip()} ({answer['id']})"
                )
            return fitting(snippet, answer["result"])
        except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
            why = _message(err) or f"{error} ; {out.decode('utf-8', 'replace').strip()[-300:]}"
            if SNIPPETS[snippet].writes:
                raise AnswerLost(f"la réponse à « {snippet} » est illisible", where=self.host, why=why) from error
            raise Unreachable(f"« {snippet} » : la réponse est illisible", where=self.host, why=why) from error

    def _in_a_moment(self, error: WSManFaultError, deadline: float) -> bool:
        """Return True where the request may succeed in a moment: shell ended, or too many shells."""
        if error.wsman_fault_code == _NO_SHELL and self._shell:
            self._shell = ""
            return True
        if error.wsman_fault_code in _QUOTAS and time.monotonic() < deadline:
            self._sleep(2.0)
            return True
        return False

    # the connection

    def _connect(self) -> Protocol:
        access = self.access
        certificates.context(access.ca_file, _CA_FILE)
        trusted = access.ca_file or ssl.get_default_verify_paths().cafile or ssl.get_default_verify_paths().capath
        try:
            protocol = _Permitted(
                self._url,
                transport="ntlm" if access.kerberos else access.authentication,  # type: ignore[arg-type]
                username=access.username,
                password="" if access.kerberos else access.password,
                ca_trust_path=trusted,
                server_cert_validation="validate",
                operation_timeout_sec=min(_POLL, access.timeout),
                read_timeout_sec=min(_POLL, access.timeout) + min(10, access.timeout),
                proxy=None,
            )
        except WinRMError as error:
            raise self._refused_account(str(error)) from error
        http = protocol.transport.build_session()
        http.mount("https://", _Bounded())
        if access.kerberos:  # pywinrm's own Kerberos takes neither a password nor a ticket that is not the machine's
            http.auth = Negotiate(access.kerberos, access.full(self.host))
        return protocol

    def certificate_end(self) -> float:
        """Return the end of the host's certificate, in seconds since 1970. Raises `Unreachable`."""
        parts = urlsplit(self._url)
        try:
            context = certificates.context(self.access.ca_file, _CA_FILE)
            address = (parts.hostname or "", parts.port or PORT)
            with (
                socket.create_connection(address, _POLL) as plain,
                context.wrap_socket(plain, server_hostname=parts.hostname) as secure,
            ):
                return ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
        except OSError as error:
            raise self._failure(error) from error

    def _drop(self) -> None:
        """Drop the connection; a shell that stays behind ends with its idle time."""
        protocol, self._protocol, self._shell = self._protocol, None, ""
        if protocol is not None:
            protocol.transport.close_session()

    def _refused_account(self, why: str) -> PisteError:
        return RefusedAccount(
            f"refuse le compte « {self.access.username} »",
            where=self.host,
            why=why,
            todo="Vérifiez piste_winrm.username, le mot de passe dans le coffre, et les droits du compte sur cet hôte.",
        )

    def _reason(self, error: Exception) -> str:
        if isinstance(error, WSManFaultError):
            return error.reason.strip()
        if isinstance(error, WinRMTransportError):
            return f"réponse HTTP {error.code}"
        return reason(error, urlsplit(self._url).hostname or "")

    def _failure(self, error: Exception) -> PisteError:
        if isinstance(error, PisteError):
            return error
        if isinstance(error, InvalidCredentialsError):
            return self._refused_account(
                "compte ou mot de passe erroné, ou méthode d’authentification que l’hôte n’admet pas"
            )
        if isinstance(error, WSManFaultError) and error.wsman_fault_code == _DENIED:
            return self._refused_account("l’accès lui est refusé : il n’y est ni administrateur, ni admis par WinRM")
        if isinstance(error, WSManFaultError) and error.wsman_fault_code in _QUOTAS:
            return Unreachable(
                "n’accepte plus de session",
                where=self.host,
                why=self._reason(error),
                todo="Attendez la fin des autres, ou relevez MaxShellsPerUser (winrm get winrm/config/winrs).",
            )
        if isinstance(error, (requests.exceptions.SSLError, ssl.SSLError)):
            return certificates.unattested(self.host, self._reason(error), f"{_CA_FILE})")
        if not isinstance(error, (WinRMError, WinRMTransportError, OSError)):
            return Unreachable(
                "répond autre chose que du WinRM",
                where=self.host,
                why=self._reason(error),
                todo=f"Vérifiez que rien ne répond à sa place (port {urlsplit(self._url).port}), puis relancez.",
            )
        return Unreachable(
            "ne répond pas",
            where=self.host,
            why=self._reason(error),
            todo=f"Vérifiez le réseau, le nom et le service WinRM (port {urlsplit(self._url).port}), puis relancez.",
        )


def pack(content: bytes) -> str:
    """Pack a file for a snippet: gzip, base64. An export of a megabyte then fits in one request."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def unpack(text: str) -> bytes:
    """Unpack a file of a snippet.

    Raises ValueError for what is no packed file, or is larger than `OUTPUT`.
    """
    try:
        with gzip.open(io.BytesIO(base64.b64decode(text, validate=True))) as packed:
            content = packed.read(OUTPUT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from error
    if len(content) > OUTPUT:
        raise ValueError(f"fichier de plus de {OUTPUT} octets")
    return content


def _passing(error: Exception) -> bool:
    """Return True for an error that a retry may lift; an illegible answer would come again."""
    if not isinstance(error, (WinRMTransportError, OSError)):
        return False
    if isinstance(error, (requests.exceptions.SSLError, requests.Timeout, TimeoutError)):
        return False
    return not (isinstance(error, WinRMTransportError) and error.code < 500)


def _message(err: bytes) -> str:
    """Return the message on PowerShell's error stream.

    It is XML after a first line (CLIXML, MS-PSRP 2.2.5).
    """
    text = err.decode("utf-8", "replace")
    pieces = re.findall(r'<S S="Error">(.*?)</S>', text, re.DOTALL) or [text]
    return re.sub(r"(_x000D_|_x000A_|\s)+", " ", "".join(pieces)).strip()[:300]
