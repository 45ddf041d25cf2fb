"""Git, run on repositories that nobody vouches for: no hook, no setting, no question."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import IO, Any

SECONDS = 300
"""The bounds of a command of git."""
_ALONE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C.UTF-8",
}
"""The environment of git: no setting of this workstation, no question, no object read for another."""
_SETTINGS = (
    "core.bigFileThreshold=16m",
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "gc.auto=0",
    "protocol.ext.allow=never",
)
"""Settings that win over those of the repository: nothing that it names is run."""


class GitFailed(Exception):
    """A command of git failed; its text is what git said, on its last lines."""


def git(
    *arguments: str,
    given: IO[bytes] | bytes | None = None,
    to: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """Run git; return its output where `to` takes none. Raises `GitFailed`."""
    options = [word for setting in _SETTINGS for word in ("-c", setting)]
    fed: dict[str, Any] = {"input": given} if isinstance(given, bytes) else {"stdin": given or subprocess.DEVNULL}
    try:
        done = subprocess.run(
            ["git", *options, *arguments],
            env={"PATH": os.environ.get("PATH", os.defpath), **(environment or {}), **_ALONE},
            stdout=to or subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
            timeout=SECONDS,
            **fed,
        )
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git n’en vient pas à bout en {SECONDS} secondes") from None
    except OSError as error:
        raise GitFailed(f"git ne se lance pas ({error.strerror})") from None
    if done.returncode:
        raise GitFailed(done.stderr.decode("utf-8", "replace").strip()[-300:] or f"git a fini par {done.returncode}")
    output: bytes = done.stdout or b""
    return output
