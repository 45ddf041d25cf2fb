"""The restore test of this repository: from a bag alone, and without any network.

It runs the code of the bag, in namespaces that reach nothing: in production, only the code of a signed bag.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from piste.engine.converge.bounded import Unreadable, content, of_json
from piste.engine.converge.errors import PisteError
from piste.engine.git import GitFailed, git
from piste.exports.bag.bagit import PAYLOAD, is_signed
from piste.exports.bag.repository import BUNDLE
from piste.exports.bag.verify import examine
from piste.readings.protection.copies import Copy
from piste.trials.restore.method import Answer, Context, Isolation, Steps

_CUT_OFF = ("unshare", "--map-root-user", "--net")
"""Namespaces of the account: no interface but a loopback that is down."""
_ROOM = 2**30
"""Bytes that the repository and its packages take."""
_SECONDS = 900
_PROBES: tuple[tuple[str, Sequence[str]], ...] = (
    ("La version de Piste", ("-m", "piste.cli", "--version")),
    ("La déclaration de la ville, validée", ("-m", "piste.cli", "validate")),
    ("Le rejeu, compris par Ansible", ("-m", "ansible", "playbook", "--syntax-check", "playbooks/replay.yml")),
)


class NotRestored(PisteError):
    """A command of the restored repository failed."""

    code = "PISTE-E143"


class Repository(Steps):
    """Restore the repository from a bag: clone, packages, first commands.

    The option `own` has a `bag`: its `folder`, and the `public_key` that has signed it.
    """

    def prepare(self, context: Context) -> Isolation:
        given = _given(context)
        bag = Path(str(given.get("folder") or ""))
        if not given.get("folder") or not bag.is_dir():
            return Isolation("", faults=["aucun sac : dites son dossier (piste_restoring.bag.folder)"])
        faults = [f"sac : {finding.what}" for finding in examine(bag) if finding.state != "ok"]
        if not faults:
            faults = [*_faults(context, bag, str(given.get("public_key") or ""))]
        copy, environment = _copy(context, bag) if not faults else (None, "")
        how = "un dossier privé, des espaces de noms sans aucun réseau"
        return Isolation(how, copy, faults, rehearsal=environment != "production")

    def restore(self, context: Context) -> None:
        bag, place = _bag(context), _place(context)
        try:
            git("clone", "--quiet", "--template=", "--", str((bag / PAYLOAD / BUNDLE).resolve()), str(place))
        except GitFailed as failed:
            raise NotRestored("le dépôt du sac ne se clone pas", why=str(failed)) from None

    def start(self, context: Context) -> None:
        place, wheels = _place(context), _wheels(_bag(context))
        _run(context, [sys.executable, "-m", "venv", str(place / ".venv")])
        lock = ("--require-hashes", "-r", "requirements/demo.txt")
        _run(
            context,
            [_python(context), "-m", "pip", "install", "--quiet", "--no-index", "--find-links", str(wheels), *lock],
        )

    def probe(self, context: Context) -> Iterable[Answer]:
        for title, words in _PROBES:
            done = _done(context, [_python(context), *words])
            said = (done.stdout + done.stderr).strip().splitlines()
            yield Answer(
                title,
                "finit bien, sans réseau",
                said[-1][:200] if said else "rien n’est dit",
                "conform" if done.returncode == 0 else "wrong",
                {"command": [".venv/bin/python", *words], "status": done.returncode, "said": said[-20:]},
            )


def _given(context: Context) -> Mapping[str, Any]:
    given = (context.options.get("own") or {}).get("bag")
    return given if isinstance(given, dict) else {}


def _bag(context: Context) -> Path:
    return Path(str(_given(context)["folder"])).resolve()


def _place(context: Context) -> Path:
    return context.folder / "depot"


def _python(context: Context) -> str:
    return str(_place(context) / ".venv/bin/python")


def _wheels(bag: Path) -> Path:
    return bag / PAYLOAD / "repository/wheels"


def _faults(context: Context, bag: Path, key: str) -> Iterator[str]:
    """List what forbids to run the code of a bag that is whole."""
    if key and not is_signed(bag, Path(key)):
        yield "ce sac n’est pas signé par cette clé"
    if not key and context.environment != "lab":
        yield "sans la clé publique (bag.public_key), rien ne dit de qui vient le code de ce sac"
    if not any(_wheels(bag).glob("*.whl")):
        yield "ce sac n’a pas les paquets Python : refaites-le avec « piste export --wheels »"
    if find_spec("ensurepip") is None:
        yield "ce Python ne sait pas faire d’environnement (paquet python3-venv)"
    if not _is_cut_off():
        yield "ce poste ne sait pas couper le réseau d’une commande (unshare)"
    existing = next(folder for folder in (context.folder, *context.folder.parents) if folder.is_dir())
    if shutil.disk_usage(existing).free < _ROOM:
        yield f"il faut {_ROOM // 2**30} Gio de place dans {existing}"


def _is_cut_off() -> bool:
    """Tell whether this machine can run a command without any network."""
    if shutil.which(_CUT_OFF[0]) is None:
        return False
    return subprocess.run([*_CUT_OFF, "true"], capture_output=True, check=False).returncode == 0


def _copy(context: Context, bag: Path) -> tuple[Copy, str]:
    """Describe the bag as a copy, with the environment that it is of."""
    try:
        manifest: Mapping[str, Any] = of_json(content(bag / PAYLOAD / "manifest.json"))
        taken = datetime.fromisoformat(manifest["read_at"]).astimezone(UTC)
    except (Unreadable, KeyError, TypeError, ValueError) as error:
        raise NotRestored("le manifeste du sac ne se lit pas", where=str(bag), why=str(error)) from None
    copy = Copy(
        set=context.test["set"] or context.test["name"],
        store="sac",
        taken_at=taken.strftime("%Y-%m-%dT%H:%M:%SZ"),
        size_bytes=(bag / PAYLOAD / BUNDLE).stat().st_size,
        id=str(manifest["commit"]),
        immutable_until=None,
        state="complete",
    )
    return copy, str(manifest["environment"])


def _run(context: Context, words: Sequence[str]) -> None:
    done = _done(context, words)
    if done.returncode:
        raise NotRestored(f"« {' '.join(words[1:4])} » a échoué", why=(done.stderr or done.stdout).strip()[-500:])


def _done(context: Context, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in the restored repository, with nothing of this workstation."""
    home = context.folder
    environment = {
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PATH": os.defpath,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PISTE_DERIVED_DIR": str(home / "derived"),
        "PYTHONPATH": str(_place(context)),
        "TMPDIR": str(home),
    }
    try:
        return subprocess.run(
            [*_CUT_OFF, *words],
            cwd=_place(context),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotRestored(f"« {' '.join(words[1:4])} » ne finit pas en {_SECONDS} secondes") from None
