"""OpenAPI documents of what Piste reads of systems, from the known forms of answers.

They say what Piste asks and how it reads it, not all that a vendor serves: a field that is not here is not read, and a
request that writes is not here. Source of the notation: `exports/capture/forms.py`, which is above;
of the document: OpenAPI 3.1.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from piste.exports.bag.bom import own_version

ANY, WHERE = "*", "?"
"""As in the notation of the forms."""
TITLES: Mapping[str, str] = {
    "meraki": "Dashboard Meraki",
    "smc": "SMC Forcepoint",
    "prism": "Prism Central",
    "glpi": "GLPI",
    "veeam": "Veeam Backup & Replication",
    "microsoft": "Microsoft 365 (Graph, Defender)",
}
"""The systems that answer JSON at paths; Zabbix, LDAP, WinRM, SSH and NUT have no path."""
SUFFIX = ".openapi.json"
_TYPES = {"bool": "boolean", "number": "number", "null": "null"}
_PART = re.compile(r"[^|()]+(?:\([^()]*\))?")
_FOLDER = Path(__file__).parents[1] / "capture" / "forms"


def document(system: str) -> dict[str, Any]:
    """Make the OpenAPI document of a system: a read a path, the answer in its form."""
    written: dict[str, Any] = json.loads((_FOLDER / f"{system}.json").read_bytes())
    models = {_model(name): _schema(form) for name, form in written.items() if name.startswith("@")}
    paths = {_path(name): _read(name, form) for name, form in written.items() if name.startswith("/")}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{TITLES[system]} : ce que Piste en lit",
            "version": own_version(),
            "description": "Les lectures de Piste et la forme des réponses qu’il connaît. Un champ absent d’ici n’est "
            "pas lu ; les écritures n’y sont pas.",
        },
        "paths": paths,
        "components": {"schemas": models},
    }


def write(folder: Path) -> list[Path]:
    """Write the document of each system into a folder that is there; give the files."""
    made = []
    for system in TITLES:
        made.append(folder / f"{system}{SUFFIX}")
        made[-1].write_text(json.dumps(document(system), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return made


def _path(name: str) -> str:
    """Name each id of a path by its rank: `/devices/{}` becomes `/devices/{id1}`."""
    parts = iter(range(1, name.count("{}") + 1))
    return re.sub(r"\{\}", lambda _: f"{{id{next(parts)}}}", name)


def _read(name: str, form: Any) -> dict[str, Any]:
    asked = [
        {"name": f"id{rank}", "in": "path", "required": True, "schema": {"type": "string"}}
        for rank in range(1, name.count("{}") + 1)
    ]
    answer = {"description": "La réponse", "content": {"application/json": {"schema": _schema(form)}}}
    return {"get": {**({"parameters": asked} if asked else {}), "responses": {"200": answer}}}


def _model(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "_", name.removeprefix("@"))


def _schema(form: Any) -> dict[str, Any]:
    """Write a form as a schema; a form that says nothing allows anything."""
    if isinstance(form, dict):
        more = {"additionalProperties": _schema(form[ANY])} if ANY in form else {}
        return {"type": "object", **({"properties": fields} if (fields := _fields(form)) else {}), **more}
    if isinstance(form, list):
        return {"type": "array", "items": _schema(form[0]) if form else {}}
    if form is None:
        return {}
    kinds = [*_kinds(str(form))]
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _fields(form: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a form, those of its case too: a field of both has either form."""
    fields = {name: _schema(below) for name, below in form.items() if name not in (ANY, WHERE)}
    case = _fields(form[WHERE][2]) if WHERE in form else {}
    return {**fields, **{name: {"anyOf": [fields[name], said]} if name in fields and fields[name] != said else said
                         for name, said in case.items()}}  # fmt: skip


def _kinds(form: str) -> Iterator[dict[str, Any]]:
    """Yield the schema of each part of a form: `text(on,off)|null`; a model comes last, whole."""
    plain, _, model = form.partition("@")
    for part in _PART.findall(plain):
        kind, _, known = part.partition("(")
        if kind in _TYPES:
            yield {"type": _TYPES[kind]}
        elif kind == "text" and known:
            yield {"type": "string", "examples": known.rstrip(")").split(",")}
        else:
            yield {"type": "string", **({"format": "password"} if kind == "secret" else {}),
                   **({"x-piste-kind": kind} if kind not in ("text", "secret") else {})}  # fmt: skip
    if model:
        yield {"$ref": f"#/components/schemas/{_model(model)}"}
