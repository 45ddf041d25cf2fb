"""A real Samba domain controller for tests: one per worker, as new for each test.

A start or a restore takes about a second; the very first provisions the domain, in some five seconds. A machine without
Samba fails these tests: `lab.ad.Unavailable` says what to install.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from types import MappingProxyType
from typing import Any

import pytest
import trustme
from ldap3 import BASE, Connection

from lab.ad import LE_BOURGET, Controller, Forest
from lab.ad.controller import ADMINISTRATION, CONFIGURATION
from tests.support import samba_tool
from tests.support.fresh import Fresh

OTHER = Forest("ad.autreville.example", "AUTREVILLE")
_IDLE = 300.0
"""Seconds without a question after which a connection is opened again: a domain closes it after 900."""


class Domain:
    """The means of tests to query a running domain."""

    def __init__(self, controller: Controller) -> None:
        self.controller, self.forest = controller, controller.forest
        self.ca_file = str(controller.folder / "ca.pem")
        self._kept: tuple[int | None, float, Connection] | None = None
        self.run = controller.run
        self.ldap = controller.ldap
        self.address = controller.address

    def __getattr__(self, name: str) -> str:
        """Give `host`, `base_dn`, `bind_dn`, `password`, `realm` as the lab describes them."""
        info = self.controller.info
        if name not in info:
            raise AttributeError(name)
        return info[name]

    @property
    def option(self) -> dict[str, Any]:
        """The option `domain` of the modules, for the account that Piste has in a town."""
        return {
            "controller": self.host,
            "address": self.address,
            "username": self.bind_dn,
            "password": self.password,
            "ca_file": self.ca_file,
        }

    @property
    def kerberos_option(self) -> dict[str, Any]:
        """The same account, which proves itself by Kerberos."""
        return {**self.option, "username": f"svc-piste@{self.forest.domain}", "authentication": "kerberos"}

    def dns(self, *arguments: str) -> str:
        """Run `samba-tool dns` as the administrator; return its output. Raises RuntimeError."""
        verb, *others = arguments
        return self.samba("dns", verb, self.address, *others, f"--authentication-file={ADMINISTRATION}")

    def restore(self, seed: str = "empty") -> None:
        """Start again from a seed of the lab; connections are cut, the address stays."""
        self.controller.restore(seed)

    def kept(self) -> Connection:
        """Return the administrator's connection, the same as long as the controller runs."""
        process = self.controller.process_id
        if self._kept is None or self._kept[0] != process or monotonic() - self._kept[1] > _IDLE:
            self._kept = process, 0, self.ldap()
        self._kept = process, monotonic(), self._kept[2]
        return self._kept[2]

    def tool(self, *arguments: str) -> str:
        """Run samba-tool as the administrator; return its output. Raises RuntimeError."""
        return self.samba(*arguments, "-H", f"ldap://{self.address}", f"--authentication-file={ADMINISTRATION}")

    def samba(self, *arguments: str) -> str:
        """Run samba-tool with its configuration alone; return its output. Raises RuntimeError."""
        return samba_tool.run(self.controller, *arguments, f"--configfile={CONFIGURATION}")

    def usn(self) -> int:
        """Return the directory's count of writes."""
        connection = self.kept()
        connection.search("", "(objectClass=*)", BASE, attributes=["highestCommittedUSN"])
        return int(connection.entries[0]["highestCommittedUSN"].value)

    def sysvol(self) -> dict[str, bytes]:
        """Return the files of SYSVOL's policies by relative path."""
        root = self.policies
        return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}

    @property
    def policies(self) -> Path:
        return self.controller.policies


@contextmanager
def running_domain(forest: Forest = LE_BOURGET, changes: Mapping[str, str] = MappingProxyType({})) -> Iterator[Domain]:
    """Run a new domain, with changes of its smb.conf; as many as wanted at once."""
    with (
        TemporaryDirectory(prefix="piste-ad-") as folder,
        Controller(Path(folder), trustme.CA(), forest, changes=changes) as running,
    ):
        yield Domain(running)


@pytest.fixture(scope="session")
def _running() -> Iterator[Domain]:
    with running_domain() as domain:
        yield domain


@pytest.fixture(scope="session")
def _fresh(_running: Domain) -> Fresh:
    return Fresh(_running)


@pytest.fixture
def domain(_running: Domain, _fresh: Fresh) -> Domain:
    """A domain without what earlier tests did; it may remember what they deleted."""
    _fresh.renew()
    return _running


@pytest.fixture(scope="module")
def shared_domain(_running: Domain, _fresh: Fresh) -> Domain:
    """The domain of the process, new for each file, with what its tests leave in it."""
    _fresh.renew()
    return _running


@pytest.fixture(scope="module")
def domain_of_module(shared_domain: Domain) -> Domain:
    """A new domain for all the tests of a module, which clean up after themselves."""
    return shared_domain


@pytest.fixture
def other_domain() -> Iterator[Domain]:
    """A second new domain, of another name, beside the first."""
    with running_domain(OTHER) as domain:
        yield domain
