"""The directory's modules run on a real domain in the test's process, with planned faults."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lab.ad.image import Image
from piste.engine.converge.resource import UNSET
from piste.engine.transport.shared import VARIABLE
from piste.runs.domains.directory import MODULES as DIRECTORY
from piste.runs.domains.names import MODULES as NAMES
from piste.systems.windows import connection
from piste.systems.windows.directory import Directory
from piste.town.derived import keep
from tests.support.inprocess import Killed
from tests.support.samba import Domain

MODULES = {**DIRECTORY, **NAMES}


class Town:
    """A domain, and the means to run modules on it, one run folder per run.

    `kill_before` and `kill_after` are the number of the write, counted from 1 in each run, at which the process dies;
    `on_write` sees each write before it is sent.
    """

    def __init__(self, domain: Domain, folder: Path) -> None:
        self.domain, self.folder = domain, folder
        self.kill_before = self.kill_after = 0
        self.on_write: Callable[[str, str], None] = lambda what, dn: None
        self.writes: list[str] = []
        self._runs = 0

    @contextmanager
    def run(self) -> Iterator[Run]:
        """A run of Ansible: its own folder, shared by its tasks."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir()
        self.writes.clear()
        town = self

        class Watched(Directory):
            def _write(self, what: str, dn: str, right: str, send: Any) -> None:
                town.on_write(what, dn)
                town.writes.append(f"{what} {dn}")
                if len(town.writes) == town.kill_before:
                    raise Killed
                super()._write(what, dn, right, send)
                if len(town.writes) == town.kill_after:
                    raise Killed

        environment = {VARIABLE: str(folder), "PISTE_LOCK_DIR": str(self.folder / "locks")}
        with patch.object(connection, "Directory", Watched), patch.dict("os.environ", environment):
            yield Run(self.domain)

    def module(self, name: str, config: Sequence[Any] = (), state: str = "merged", **options: Any) -> dict[str, Any]:
        """Run a task in a run of its own."""
        with self.run() as run:
            return run.module(name, config, state, **options)


class Run:
    def __init__(self, domain: Domain) -> None:
        self.domain = domain

    def module(
        self, name: str, config: Sequence[Any] = (), state: str = "merged", *, check: bool = False, **options: Any
    ) -> dict[str, Any]:
        module = MODULES[name]
        defaults = {field.name: None if field.default is UNSET else field.default for field in module.options}
        given = {"domain": self.domain.option, "config": list(config), "state": state, "owner": "commune", **options}
        return module.run({**defaults, **given}, check)


def converge(domain: Domain, folder: Path, declaration: Any) -> None:
    """Converge a domain for the town and its open sites, as their role does."""
    module = DIRECTORY["piste_directory"]
    sites = [site for site in declaration.sites.values() if site["lifecycle"] == "open"]
    with Town(domain, folder).run():
        for owner in (declaration.commune, *sites):
            keep(owner["id"], owner)
            module.run({**module.defaults, "site": owner["id"], "domain": domain.option}, False)


def converged(domain: Domain, folder: Path, declaration: Any) -> Image:
    """Have a domain as its town declares it; return its image.

    The first test of the session that asks converges it; the others start from its image, in whatever worker.
    """
    file = Path(os.environ["PISTE_TESTS_SESSION"], f"directory-{declaration.town_digest}.tar.zst")
    passwords = file.with_suffix(".json")
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not passwords.exists():
            converge(domain, folder, declaration)
            image = domain.controller.keep(file)
            passwords.write_text(json.dumps(image.passwords), "utf-8")
            return image
    image = Image(file, json.loads(passwords.read_text("utf-8")))
    domain.controller.restore(image)
    return image


def summary(result: Mapping[str, Any]) -> list[str]:
    lines: list[str] = result["summary"]
    return lines
