"""Windows hosts where what we manage has no protocol of its own: our fixed snippets, run over WinRM.

Sources: MS-WSMV 3.1.4 (shells, commands, their streams and signals), 2.2.4.43 (faults); MS-ERREF (their numbers). A
shell's command line goes through `cmd.exe`; a request holds 500 kB at most (`MaxEnvelopeSizekb`), so that input is
sent in chunks; an answer holds 150 kB, and is asked for until the command has ended.
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

from piste.converge.errors import AnswerLost, PisteError, Rejected, Unreachable
from piste.windows import certificates
from piste.windows.kerberos import Negotiate
from piste.windows.patience import within
from piste.windows.refusals import RefusedAccount
from piste.windows.snippets import COMMAND, SNIPPETS, arguments
from piste.windows.snippets.answers import fitting
from piste.windows.winrm_access import PORT, Access

UTF8 = 65001
LARGEST = 4_000_000
"""Bytes of an answer: a host keeps to 150 kB, or to what its administrator allows."""
LONGEST = 120.0
"""Seconds that an answer takes to arrive, a host that drips included."""
SILENT = 10
"""Answers without a word of the command, one after the other, that are none: a host that has nothing to say waits."""
OUTPUT = 100_000_000
"""Bytes that a command may say."""
CHUNK = 100_000
"""Bytes of input a request: base64 makes them a third longer."""
ATTEMPTS = 3
PATIENCE = 60.0
"""Seconds for which a host that says "too many sessions" is waited for."""
_POLL = 20
"""Seconds after which a host that has nothing to say yet says so."""

_QUOTAS = frozenset({2150859173, 2150859174, 2150859175, 2150859179, 2150859236, 2150859237, 2150859240})
"""ERROR_WSMAN_QUOTA_MAX_SHELLS, …_OPERATIONS, …_USER, …_SHELLUSERS and their forms per plug-in."""
_NO_SHELL = 2150858843
_CA_FILE = "winrm.ca_file"
_DENIED = 5

class _Connection(urllib3.connection.HTTPSConnection):
    """A connection on which the head of an answer has its time, whatever comes of it meanwhile."""

    def getresponse(self) -> Any:
        with within(LONGEST, self.sock):
            return super().getresponse()


class _Pool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Connection


class _Bounded(requests.adapters.HTTPAdapter):
    """Answers that have an end, in bytes and in seconds from the first to the last of them, and lead nowhere else."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool}

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        response = super().send(*arguments, **options)
        if response.is_redirect:
            # Followed, the proof of the account would go to whoever is named, without TLS too.
            response.close()
            raise requests.exceptions.TooManyRedirects("renvoie vers une autre adresse : rien n'y est envoyé")
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


class Session:
    """One host, from one process: a shell that the first snippet opens, and that `close` closes.

    `run` raises `Unreachable` where the host does not answer or does not let us in, `AnswerLost`
    where a snippet that writes was given all its input and nobody knows how it ended, and `Rejected`, with the
    host's own words, for what the host refuses.
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
            return  # whatever it says: the host ends a shell that nobody uses any more
        finally:
            protocol.transport.close_session()

    def run(self, snippet: str, **given: Any) -> dict[str, Any]:
        """Run a snippet and return its answer. What it is given goes to its standard input, never in a command line.

        It does nothing before it has all its input: until then, a failure is tried again.
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
                sent = True  # from here on it may run, whatever becomes of the answer
                self._give(command, last, end=True)
                out, err = self._output(command)
                break
            except Exception as error:
                if isinstance(error, WSManFaultError) and not sent and self._in_a_moment(error, deadline):
                    continue
                self._drop()
                if sent and writes:
                    raise AnswerLost(
                        f"la réponse à « {snippet} » s'est perdue", where=self.host, why=_reason(error)
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
        """Start a snippet and give it all its input but the last piece, which it waits for."""
        if self._protocol is None:
            self._protocol = self._connect()
        if not self._shell:
            self._shell = self._protocol.open_shell(codepage=UTF8, noprofile=True)
        # A console would echo and edit what it is given: input is a pipe.
        command = self._protocol.run_command(self._shell, COMMAND, arguments(snippet), console_mode_stdin=False)
        *pieces, last = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
        for piece in pieces:
            self._give(command, piece, end=False)
        return command, last

    def _give(self, command: str, piece: bytes, *, end: bool) -> None:
        assert self._protocol is not None
        self._protocol.send_command_input(self._shell, command, piece, end=end)

    def _output(self, command: str) -> tuple[bytes, bytes]:
        """What a command writes, until it ends. TimeoutError where it does not."""
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
        """Free a command that has said everything; where that fails, the next one takes another shell."""
        assert self._protocol is not None
        try:
            self._protocol.cleanup_command(self._shell, command)
        except Exception:
            self._drop()

    def _answer(self, snippet: str, out: bytes, err: bytes) -> dict[str, Any]:
        """The last line of what a snippet says, which is its answer: PowerShell's own words may stand before it."""
        try:
            answer = json.loads(out.splitlines()[-1])
            json.dumps(answer, ensure_ascii=False).encode()  # ValueError of half a character, which is no text
            if "error" in answer:
                raise Rejected(
                    f"« {snippet} » : refusé", where=self.host, why=f"{answer['error'].strip()} ({answer['id']})"
                )
            return fitting(snippet, answer["result"])
        except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
            why = _told(err) or f"{error} ; {out.decode('utf-8', 'replace').strip()[-300:]}"
            if SNIPPETS[snippet].writes:
                raise AnswerLost(f"la réponse à « {snippet} » est illisible", where=self.host, why=why) from error
            raise Unreachable(f"« {snippet} » : la réponse est illisible", where=self.host, why=why) from error

    def _in_a_moment(self, error: WSManFaultError, deadline: float) -> bool:
        """True where the same request may do in a moment: a shell that has ended, too many of them."""
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
            protocol = Protocol(
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
        """When the host's certificate ends, in seconds since 1970. Raises `Unreachable`."""
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
        """Leave the connection for a new one; a shell that stays behind ends with its idle time."""
        protocol, self._protocol, self._shell = self._protocol, None, ""
        if protocol is not None:
            protocol.transport.close_session()

    def _refused_account(self, why: str) -> PisteError:
        return RefusedAccount(
            f"refuse le compte « {self.access.username} »",
            where=self.host,
            why=why,
            todo="Vérifiez winrm.username, le mot de passe dans le coffre, et les droits du compte sur cet hôte.",
        )

    def _failure(self, error: Exception) -> PisteError:
        if isinstance(error, PisteError):
            return error
        if isinstance(error, InvalidCredentialsError):
            return self._refused_account(
                "compte ou mot de passe erroné, ou méthode d'authentification que l'hôte n'admet pas"
            )
        if isinstance(error, WSManFaultError) and error.wsman_fault_code == _DENIED:
            return self._refused_account("l'accès lui est refusé : il n'y est ni administrateur, ni admis par WinRM")
        if isinstance(error, WSManFaultError) and error.wsman_fault_code in _QUOTAS:
            return Unreachable(
                "n'accepte plus de session",
                where=self.host,
                why=_reason(error),
                todo="Attendez la fin des autres, ou relevez MaxShellsPerUser (winrm get winrm/config/winrs).",
            )
        if isinstance(error, (requests.exceptions.SSLError, ssl.SSLError)):
            return certificates.unattested(self.host, _reason(error), f"{_CA_FILE})")
        if not isinstance(error, (WinRMError, WinRMTransportError, OSError)):
            return Unreachable(
                "répond autre chose que du WinRM",
                where=self.host,
                why=_reason(error),
                todo=f"Vérifiez que rien ne répond à sa place (port {urlsplit(self._url).port}), puis relancez.",
            )
        return Unreachable(
            "ne répond pas",
            where=self.host,
            why=_reason(error),
            todo=f"Vérifiez le réseau, le nom et le service WinRM (port {urlsplit(self._url).port}), puis relancez.",
        )


def pack(content: bytes) -> str:
    """A file's bytes as snippets take and give them: gzip, base64. An export of a megabyte is then one request."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def unpack(text: str) -> bytes:
    """The bytes of a packed file. ValueError for what is none, or is out of all proportion."""
    try:
        with gzip.open(io.BytesIO(base64.b64decode(text, validate=True))) as packed:
            content = packed.read(OUTPUT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(str(error)) from error
    if len(content) > OUTPUT:
        raise ValueError(f"fichier de plus de {OUTPUT} octets")
    return content


def _passing(error: Exception) -> bool:
    """True for what may do on another try: what cannot be read is said again."""
    if not isinstance(error, (WinRMTransportError, OSError)):
        return False
    if isinstance(error, ( requests.exceptions.SSLError, requests.Timeout, TimeoutError)):
        return False
    return not (isinstance(error, WinRMTransportError) and error.code < 500)


def _reason(error: Exception) -> str:
    if isinstance(error, WSManFaultError):
        return error.reason.strip()
    if isinstance(error, WinRMTransportError):
        return f"réponse HTTP {error.code}"
    return str(error) or type(error).__name__


def _told(err: bytes) -> str:
    """What PowerShell says on its error stream, which is XML (CLIXML, MS-PSRP 2.2.5) after a first line."""
    text = err.decode("utf-8", "replace")
    said = re.findall(r'<S S="Error">(.*?)</S>', text, re.DOTALL) or [text]
    return re.sub(r"(_x000D_|_x000A_|\s)+", " ", "".join(said)).strip()[:300]
