"""OpenAPI documents of what Piste reads of systems and writes there, and their test sets.

They say what Piste asks and how it reads it, not all that a vendor serves: a field that is not here is not read. Source
of the notation of forms: `exports/capture/forms.py`, which is above; of the document: OpenAPI 3.1.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from piste.exports.bag.bom import own_version
from piste.exports.bag.openapi_writes import Write, writes

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
SUFFIX, JSON = ".openapi.json", "application/json"
TRIALS = ".essais.json"
REPLAY = "piste capture --system {system} --to DOSSIER, puis piste capture verify DOSSIER : les lectures, comparées"
_VALUES = {"string": "essai", "number": 1, "integer": 1, "boolean": True}
_TYPES = {"bool": "boolean", "number": "number", "null": "null"}
_PART = re.compile(r"[^|()]+(?:\([^()]*\))?")
_FOLDER = Path(__file__).parents[1] / "capture" / "forms"


def document(system: str) -> dict[str, Any]:
    """Make the OpenAPI document of a system: its reads in their forms, then its writes."""
    written: dict[str, Any] = json.loads((_FOLDER / f"{system}.json").read_bytes())
    models = {_model(name): _schema(form) for name, form in written.items() if name.startswith("@")}
    reads = {name: _schema(form) for name, form in written.items() if name.startswith("/")}
    paths = {numbered(name): _read(name, answer) for name, answer in reads.items()}
    for each in writes(system, reads):
        path = re.sub(r"\{\w*\}", "{}", each.path)
        paths.setdefault(numbered(path), _asked(path))[each.method] = _write(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{TITLES[system]} : ce que Piste en lit, et y écrit",
            "version": own_version(),
            "description": "Les lectures de Piste et la forme des réponses qu’il connaît : un champ absent d’ici n’est "
            "pas lu. Ses écritures et leur corps ; les actions propres à un éditeur (marche et arrêt, installation "
            "d’une politique, rattachement d’un équipement, ordre des règles) n’y sont pas.",
        },
        "paths": paths,
        "components": {"schemas": models},
    }


def write(folder: Path) -> list[Path]:
    """Write the document and the test set of each system into a folder; give the files."""
    made = []
    for system in TITLES:
        whole = document(system)
        for suffix, content in ((SUFFIX, whole), (TRIALS, {"openapi": f"{system}{SUFFIX}", **trials(system, whole)})):
            made.append(folder / f"{system}{suffix}")
            made[-1].write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return made


def trials(system: str, whole: Mapping[str, Any]) -> dict[str, Any]:
    """Make the test set of a document: each request, an answer or a body in its form."""
    models = whole["components"]["schemas"]
    rows: list[dict[str, Any]] = []
    for path, operations in whole["paths"].items():
        for method, said in operations.items():
            if method == "parameters":
                continue
            body = {"body": _example(_inside(said["requestBody"]), models)} if "requestBody" in said else {}
            (status, answer), *_ = said["responses"].items()
            answered = {"body": _example(_inside(answer), models)} if "content" in answer else {}
            request = {"method": method.upper(), "path": path, **body}
            rows.append({"request": request, "expected": {"status": status, **answered}})
    return {"replay": REPLAY.format(system=system), "trials": rows}


def _inside(said: Mapping[str, Any]) -> Any:
    return said["content"][JSON]["schema"]


def _example(schema: Mapping[str, Any], models: Mapping[str, Any], inside: tuple[str, ...] = ()) -> Any:
    """Give a value that fits a schema; a model inside itself is left out."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    if name:
        return None if name in inside else _example(models[name], models, (*inside, name))
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], models, inside)
    if "examples" in schema:
        return schema["examples"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        every = {name: (below, _example(below, models, inside)) for name, below in schema.get("properties", {}).items()}
        return {name: value for name, (below, value) in every.items() if value is not None or not below}
    if kind == "array":
        value = _example(schema["items"], models, inside)
        return [] if value is None else [value]
    return _VALUES.get(str(kind))


def numbered(name: str) -> str:
    """Name each id of a path by its rank: `/devices/{}` becomes `/devices/{id1}`."""
    parts = iter(range(1, name.count("{}") + 1))
    return re.sub(r"\{\}", lambda _: f"{{id{next(parts)}}}", name)


def _read(name: str, answer: dict[str, Any]) -> dict[str, Any]:
    content = {"description": "La réponse", "content": {JSON: {"schema": answer}}}
    return {**_asked(name), "get": {"responses": {"200": content}}}


def _write(each: Write) -> dict[str, Any]:
    body = {} if each.body is None else {"requestBody": {"required": True, "content": {JSON: {"schema": each.body}}}}
    return {"summary": each.what, **body, "responses": {"2XX": {"description": "Accepté"}}}


def _asked(name: str) -> dict[str, Any]:
    """Name the ids of a path."""
    asked = [
        {"name": f"id{rank}", "in": "path", "required": True, "schema": {"type": "string"}}
        for rank in range(1, name.count("{}") + 1)
    ]
    return {"parameters": asked} if asked else {}


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
