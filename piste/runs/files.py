"""Readings of systems, written as files in the worker of the task that has read them.

`ansible.builtin.copy` starts two processes a file; an export of a town has hundreds of files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from piste.engine.converge.errors import Fault, InvalidConfig
from piste.engine.converge.module import Module
from piste.engine.converge.private import not_written, private_folder, write_private, writing
from piste.engine.converge.resource import Field
from piste.engine.converge.text import as_declaration


def _run(params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    folder = Path(params["folder"])
    kinds = {f"{kind}.yml": {kind: items} for kind, items in (params["kinds"] or {}).items()}
    contents = {**kinds, **(params["files"] or {})}
    _refuse(folder, contents)
    written = []
    for name, content in contents.items():
        path, text = folder / name, _text(name, content)
        try:
            if (params["keep"] and path.exists()) or _is(path, text):
                continue
            if not check:
                with writing(path):
                    private_folder(path.parent)
                write_private(path, text.encode(), synced=False)
        except OSError as error:
            raise not_written(error, path) from error
        written.append(name)
    return {"changed": bool(written), "written": written}


def _refuse(folder: Path, names: Mapping[str, Any]) -> None:
    """Refuse a name that leaves the folder: a name may come from a system. Raises InvalidConfig."""
    faults = [] if folder.is_absolute() else [Fault("folder", "il faut un chemin absolu")]
    for name in names:
        if PurePosixPath(name).name != name or name in ("", ".", "..") or not name.isprintable():
            faults.append(Fault(f"files.{name!r}", "ce n’est pas le nom d’un fichier de ce dossier"))
    if faults:
        raise InvalidConfig(faults)


def _text(name: str, content: Any) -> str:
    if isinstance(content, str):
        return content
    if name.endswith(".json"):
        return json.dumps(content, ensure_ascii=False, indent=4, sort_keys=True) + "\n"
    return as_declaration(content)


def _is(path: Path, text: str) -> bool:
    """Check that a file is there, private, and has this text."""
    if path.is_symlink() or not path.is_file() or path.stat().st_mode & 0o777 != 0o600:
        return False
    return path.read_bytes() == text.encode()


MODULES: Mapping[str, Module] = {
    "piste_files": Module(
        name="piste_files",
        options=(
            Field("folder", "Folder of the files, made where it is missing, for its owner alone.", type="path",
                  required=True),
            Field("kinds", "What was read, by kind: a file a kind, named after it.", type="dict"),
            Field("files", "Contents of other files, by name: a text as it is, another value as YAML, or as JSON "
                  "where the name ends so.", type="dict"),
            Field("keep", "Leave a file that is already there.", type="bool", default=False),
        ),
        run=_run,
    )
}  # fmt: skip
