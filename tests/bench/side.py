"""A checkout that is measured, with a lab of its own: that has what its town declares."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.bench import own_lab
from tests.bench.measure import RunFailed

Counts = Mapping[str, Mapping[str, int]]
"""Requests by system, as the lab counts them."""


class Side:
    """A checkout whose lab runs while its `with` block lasts; its commands write in `folder`."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.tree, self.folder = tree, folder
        folder.mkdir()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PISTE_", "ANSIBLE_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PISTE_JOURNAL_DIR": str(folder / "journal"),
            "PISTE_LAB_DIR": str(folder / "lab"),
            "PISTE_LOCK_DIR": str(folder / "locks"),
            "PISTE_PLANS_DIR": str(folder / "plans"),
            "PISTE_RATE": "0",
            "PISTE_TWINS_DIR": str(folder / "twins"),
        }

    def __enter__(self) -> Self:
        self._log = (self.folder / "lab.log").open("w+", encoding="utf-8")
        self._lab = subprocess.Popen(
            (sys.executable, "-P", own_lab.__file__, str(self.folder / "lab")),
            cwd=self.tree,
            env={**self.environment, "PYTHONPATH": str(self.tree)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lab.communicate()
        self._log.close()

    def forget_calls(self) -> None:
        self._ask("clear")

    def calls(self) -> Counts:
        return self._ask("calls")

    def change_port(self, switch: str, change: Mapping[str, Any]) -> None:
        """Change a port of a switch, as another administrator."""
        self._ask("port", switch, change)

    def called(self, command: Sequence[str], tree: Path) -> subprocess.CompletedProcess[str]:
        """Run a command on this lab, with the code of a tree."""
        return subprocess.run(
            command,
            cwd=tree,
            env={**self.environment, "PYTHONPATH": str(tree)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def _ask(self, *command: Any) -> Any:
        assert self._lab.stdin
        try:
            self._lab.stdin.write(json.dumps(command) + "\n")
            self._lab.stdin.flush()
        except BrokenPipeError:
            pass  # `_answer` says how it ended
        return self._answer()

    def _answer(self) -> Any:
        assert self._lab.stdout
        if line := self._lab.stdout.readline():
            return json.loads(line)
        self._log.seek(0)
        raise RunFailed(f"Le laboratoire de {self.tree} s’est arrêté.\n{self._log.read()[-3000:]}")
