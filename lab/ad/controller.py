"""A running domain controller: start, stop, restore a state, run Samba's tools."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import ldap3
import trustme
from ldap3.core.exceptions import LDAPException, LDAPInvalidCredentialsResult

from lab.ad import configuration
from lab.ad.captured import read
from lab.ad.forest import LE_BOURGET, Forest
from lab.ad.host import TREE, environment, join, unshare
from lab.ad.image import ADMINISTRATOR, MOUNT, PACK, PISTE, RESTORER, UNPACK, Image, fill, image
from lab.beyond import Captured
from lab.server import drawn_address
from lab.state import private_folder, read_json, write_json

PATIENCE = 60.0
PORTS = (88, 389, 445, 636)
CONFIGURATION, ADMINISTRATION = f"{TREE}/etc/smb.conf", f"{TREE}/etc/admin.auth"
# A port of no service: the process that has bound it owns the address as long as it lives.
_RESERVATION = 20389
_ADDRESSES = tuple(f"127.0.0.{number}" for number in range(21, 121))
# Samba ends with its standard input, hence with the lab, however the lab ends; `cat` ends with the last process of
# Samba, and then nothing changes the tree.
_RUN = f"""set -eu
{MOUNT}
{UNPACK} state.tar.zst
cp smb.conf krb5.conf admin.auth ca.pem cert.pem key.pem dh.pem {TREE}/etc/
chmod 600 {TREE}/etc/key.pem {ADMINISTRATION}
setsid samba --interactive --debug-stdout --model=prefork --configfile={CONFIGURATION} 2>&1 | cat
[ ! -e forget ] || exit 0
{PACK} state.new .
mv state.new state.tar.zst
"""


class Controller:
    """A domain controller that runs while its `with` block lasts; several may run at once.

    folder     private, with the state between two runs
    authority  signs its certificate
    forest     the names of its domain, which a folder keeps
    seed       the initial state of a folder without a state (see `lab.ad.image`)
    changes    options of smb.conf, over those of the lab
    hidden     answers at an address drawn for it, until it is shown
    """

    def __init__(
        self,
        folder: Path,
        authority: trustme.CA,
        forest: Forest = LE_BOURGET,
        seed: str = "empty",
        changes: Mapping[str, str] = MappingProxyType({}),
        hidden: bool = False,
    ) -> None:
        self.folder, self.forest = private_folder(folder), forest
        self._authority, self._changes = authority, changes
        self._process: subprocess.Popen[bytes] | None = None
        self._reservation, self.address = _reserve([drawn_address() for _ in range(9)] if hidden else _ADDRESSES)
        self.passwords: dict[str, str] = read_json(self.folder / "passwords.json") or {}
        if not (self._state.exists() and self.passwords):
            self._begin(image(forest, seed))

    @property
    def _state(self) -> Path:
        return self.folder / "state.tar.zst"

    @property
    def info(self) -> dict[str, str]:
        """The parameters of a client, beside the certificate of the authority."""
        return {
            "host": self.forest.controller,
            "address": self.address,
            "realm": self.forest.realm,
            "base_dn": self.forest.base_dn,
            "bind_dn": self.forest.account_dn(PISTE),
            "password": self.passwords[PISTE],
            "restorer_dn": self.forest.account_dn(RESTORER),
            "restorer_password": self.passwords[RESTORER],
            "dns_port": str(configuration.DNS_PORT),
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start from the state of the folder; wait for LDAPS and SMB. Raises RuntimeError."""
        self._configure()
        (self.folder / "forget").unlink(missing_ok=True)
        with (self.folder / "samba.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*unshare(), "bash", "-c", _RUN],
                cwd=self.folder,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        for port, answers in ((636, self._answers_by_ldap), (445, self._lets_in_by_smb)):
            while not (self._listens(port) and answers()):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop(keep=False)
                    raise RuntimeError(f"Samba n’a pas démarré ; son journal : {self.folder / 'samba.log'}")
                time.sleep(0.02)

    def stop(self, keep: bool = True) -> None:
        """Stop; the folder keeps the present state, or else that of the last start."""
        if self._process is None:
            return
        if not keep:
            (self.folder / "forget").touch()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process = None

    def close(self) -> None:
        """Stop for good, and free the address."""
        self.stop()
        self._reservation.close()

    def show(self) -> None:
        """Answer where clients look, and start again where it ran. Raises RuntimeError."""
        runs = self._process is not None
        self.close()
        self._reservation, self.address = _reserve(_ADDRESSES)
        if runs:
            self.start()

    def restore(self, start: str | Image = "empty") -> None:
        """Start again from a seed or an image; the address stays. Raises ValueError, RuntimeError."""
        begin = image(self.forest, start) if isinstance(start, str) else start
        self.stop(keep=False)
        self._begin(begin)
        self.start()

    def captured(self, answers: list[Captured], secrets: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """Build what a captured domain has; list what is not taken."""
        return read(answers, self.forest, self.passwords)

    def become(self, made: Mapping[str, Any]) -> list[str]:
        """Take what a captured domain has, and start again where it ran; list what is not taken.

        Raises RuntimeError where the domain does not take it, and stays as it was, or does not start again.
        """
        runs = self._process is not None
        self.stop()
        try:
            return fill(self._state, made)
        finally:
            if runs:
                self.start()

    def keep(self, file: Path) -> Image:
        """Write the present state to a file; the controller starts again from it."""
        self.stop()
        shutil.copy(self._state, file)
        self.start()
        return Image(file, dict(self.passwords))

    def back_up(self, folder: Path) -> Path:
        """Write a backup of the running domain, as its administrator does. Raises RuntimeError."""
        private_folder(folder)
        known = set(folder.iterdir())
        options = (f"--configfile={CONFIGURATION}", f"--authentication-file={ADMINISTRATION}")
        arguments = ("domain", "backup", "online", f"--server={self.address}", f"--targetdir={folder}")
        done = self.run("samba-tool", *arguments, *options)
        if done.returncode != 0:
            raise RuntimeError(f"samba-tool domain backup online: {done.stderr[-400:]}")
        [backup] = set(folder.glob("samba-backup-*")) - known
        return backup

    @property
    def process_id(self) -> int | None:
        """The process whose namespaces show the controller's tree; None while it does not run."""
        return self._process.pid if self._process else None

    @property
    def policies(self) -> Path:
        """The folder of the policies in SYSVOL; a change there bypasses the domain."""
        if self._process is None:
            raise RuntimeError("the controller does not run")
        return Path(f"/proc/{self._process.pid}/root{TREE}/state/sysvol/{self.forest.domain}/Policies")

    def run(self, *command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command in the namespaces of the controller; `given` is its standard input."""
        if self._process is None:
            raise RuntimeError("the controller does not run")
        return subprocess.run(
            join(self._process.pid, command),
            env=environment(),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def tool(self, *arguments: str) -> str:
        """Run samba-tool as the administrator; return its output. Raises RuntimeError."""
        common = (f"--configfile={CONFIGURATION}", f"--authentication-file={ADMINISTRATION}")
        done = self.run("samba-tool", *arguments, "-H", f"ldap://{self.address}", *common)
        if done.returncode != 0:
            raise RuntimeError(f"samba-tool {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def ldap(self, account: str = ADMINISTRATOR) -> ldap3.Connection:
        """Return an LDAPS connection, its certificate verified, of an account of the image."""
        tls = ldap3.Tls(
            validate=ssl.CERT_REQUIRED,
            ca_certs_file=str(self.folder / "ca.pem"),
            # ldap3 does not compare addresses with those of a certificate.
            valid_names=[self.forest.controller],
        )
        server = ldap3.Server(self.address, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE, connect_timeout=5)
        user, password = self.forest.account_dn(account), self.passwords[account]
        return ldap3.Connection(server, user, password, auto_bind=True, raise_exceptions=True, receive_timeout=30)

    def _begin(self, start: Image) -> None:
        shutil.copy(start.file, self._state)
        self.passwords = start.passwords
        write_json(self.folder / "passwords.json", self.passwords)

    def _configure(self) -> None:
        """Write the files that depend on the address, with a certificate for it."""
        leaf = self._authority.issue_cert(self.forest.controller, self.forest.domain, self.address)
        administration = {
            "username": ADMINISTRATOR,
            "password": self.passwords[ADMINISTRATOR],
            "domain": self.forest.realm,
        }
        files = {
            "smb.conf": configuration.smb_conf(self.forest, self.address, self._changes),
            "krb5.conf": configuration.krb5_conf(self.forest, self.address),
            "admin.auth": "".join(f"{name} = {value}\n" for name, value in administration.items()),
            "dh.pem": configuration.DH_PARAMETERS,
            "ca.pem": self._authority.cert_pem.bytes().decode(),
            "cert.pem": leaf.cert_chain_pems[0].bytes().decode(),
            "key.pem": leaf.private_key_pem.bytes().decode(),
        }
        for name, content in files.items():
            (self.folder / name).write_text(content, encoding="utf-8")

    def _listens(self, port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((self.address, port)) == 0

    def _answers_by_ldap(self) -> bool:
        """Tell whether Piste's account can sign in, or NTLM is refused here.

        After its start the domain takes a while to know the account.
        """
        try:
            return bool(self.ldap(PISTE).unbind())
        except LDAPInvalidCredentialsResult:
            return self._changes.get("ntlm auth") == "disabled"
        except LDAPException:
            return False

    def _lets_in_by_smb(self) -> bool:
        """Tell whether a ticket of the domain opens SYSVOL: NTLM may be refused here."""
        options = (f"--configfile={CONFIGURATION}", f"--authentication-file={ADMINISTRATION}", "--command=ls")
        by_name = (f"//{self.forest.controller}/sysvol", f"--ip-address={self.address}")
        return self.run("smbclient", *by_name, *options).returncode == 0


def _reserve(addresses: Sequence[str]) -> tuple[socket.socket, str]:
    """Reserve the first free loopback address. Raises RuntimeError where all are taken."""
    for address in addresses:
        holder = socket.socket()
        try:
            holder.bind((address, _RESERVATION))
            for port in PORTS:
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind((address, port))
            return holder, address
        except OSError:
            holder.close()
    raise RuntimeError(
        f"aucune adresse de {addresses[0]} à {addresses[-1]} n’a ses ports {', '.join(map(str, PORTS))} libres. "
        "Si la machine fait tourner son propre Samba, arrêtez-le : sudo systemctl disable --now smbd samba-ad-dc"
    )
