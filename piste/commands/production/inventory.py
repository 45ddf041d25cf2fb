"""The inventory of production as answers make it, its comments and templates kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from piste.commands.production.questions import QUESTIONS, Answers, Unfit, distinguished, split
from piste.engine.converge.text import of_declaration
from piste.sites.declaring import SHARED, validated

MAIN = Path("inventories/production/group_vars/all/main.yml")
_REFERENCE = re.compile(r"\{\{ *([a-z_]+(?:\.[a-z_]+)+) *\}\}")
"""A template that only names a declared value."""
_PLAIN = re.compile(r"[A-Za-z/][\w./:@-]*")
_USERNAMES = ("piste_ad.username", "piste_winrm.username")
_URLS = "piste_winrm.urls"
_WINRM = "https://{}:5986/wsman"

Declared = Mapping[str, Any]


def declared(root: Path, texts: Mapping[Path, str] | None = None) -> Declared:
    """Read what all sites share, as it will be with these texts in the place of the files'."""
    values: dict[str, Any] = {}
    for path in _shared(root):
        values |= of_declaration((texts or {}).get(path) or (root / path).read_text("utf-8")) or {}
    return values


def servers(root: Path) -> list[str]:
    """Name the declared RADIUS servers. Raises `Unfit` where there are none, or no printing."""
    town = declared(root)
    if lacking := [name for name in ("radius", "printing") if not town.get(name)]:
        raise Unfit(
            f"ces questions sont celles d’une ville qui déclare {' et '.join(lacking)}",
            where=str(SHARED / "all"),
            why="Les réponses vont dans l’inventaire, à côté de ce que cette déclaration n’a pas.",
            todo=f"Écrivez vous-même {MAIN}, et le coffre par ansible-vault create.",
        )
    return list(town["radius"]["servers"])


def main(root: Path) -> str:
    """Read the text of the inventory. Raises `Unfit`."""
    try:
        return (root / MAIN).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = "il n’est pas là" if isinstance(error, FileNotFoundError) else str(error)
        todo = f"Rétablissez-le : git checkout -- {MAIN}"
        raise Unfit("ce fichier ne se lit pas", where=str(MAIN), why=why, todo=todo) from error


def current(root: Path, domain: str = "") -> dict[str, str]:
    """Give the answers that the inventory already has, as another domain makes them."""
    town, text = dict(declared(root)), main(root)
    old = town["directory"]["domain"]
    if domain:
        town["directory"] = {**town["directory"], "domain": domain}
    given = {question.key: _value(text, question.place, town) for question in QUESTIONS if question.place}
    urls = _urls(text)
    answers = {
        **given,
        "domain": town["directory"]["domain"],
        "account": _account(given["account"]),
        "nps": ", ".join(urls.get(name, name) for name in town["radius"]["servers"]),
        "print_server": urls.get(town["printing"]["server"], town["printing"]["server"]),
    }
    # Addresses written with the former domain follow it, as in the declaration.
    return {key: _moved(value, old, domain or old) for key, value in answers.items()}


def files(answers: Answers, root: Path) -> dict[Path, str]:
    """Give the files that the answers change, by path, once the town is valid with them.

    Raises `InvalidDeclaration`.
    """
    shared = dict(_renamed(declared(root), answers, root))
    if shared:
        validated(shared, root)
    before = main(root)
    after = _edited(before, dict(_changes(answers, before, declared(root, shared))))
    return {**shared, **({MAIN: after} if after != before else {})}


def _shared(root: Path) -> list[Path]:
    return [path.relative_to(root) for path in sorted((root / SHARED / "all").glob("*.yml"))]


def _renamed(town: Declared, answers: Answers, root: Path) -> Iterator[tuple[Path, str]]:
    """Give the shared files in which the domain changes, in names of servers and accounts too."""
    old, new, short = town["directory"]["domain"], answers["domain"], answers["netbios"]
    settings = (town.get("dhcp") or {}).get("settings") or {}
    former, slash, _ = (settings.get("update_account") or "").partition("\\")
    for path in _shared(root):
        before = (root / path).read_text("utf-8")
        after = _moved(_moved(before, old, new), distinguished(old), distinguished(new))
        if short and former and slash:
            after = re.sub(rf"(?<![\w-]){re.escape(former)}(?=\\\\?\w)", short, after)
        if after != before:
            yield path, after


def _moved(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-]|\.\w)", lambda match: new, text)


def _changes(answers: Answers, text: str, town: Declared) -> Iterator[tuple[str, Any]]:
    """Give the values to write, by place; a template that already comes to the answer stays."""
    domain = answers["domain"]
    wanted = {question.place: answers[question.key] for question in QUESTIONS if question.place}
    wanted["piste_ad.controller"] = _full(answers["controller"], domain)
    for place in _USERNAMES:
        now = _value(text, place, town)
        # DOMAIN\name is another form of the same account.
        same = "\\" in now and _account(now) == answers["account"]
        wanted[place] = now if same else f"{answers['account']}@{domain}"
    yield from ((place, value or None) for place, value in wanted.items() if value != _value(text, place, town))
    known = _urls(text)
    servers = [*town["radius"]["servers"], town["printing"]["server"]]
    given = [*split(answers["nps"]), answers["print_server"]]
    own = {name: _winrm(server, domain) for name, server in zip(servers, given, strict=True)}
    usual = {name: _WINRM.format(_full(name, domain)) for name in servers}
    urls = {**known, **own}
    if (urls := {name: url for name, url in urls.items() if url != usual.get(name)}) != known:
        yield _URLS, urls


def _winrm(server: str, domain: str) -> str:
    return server if "://" in server else _WINRM.format(_full(server, domain))


def _full(host: str, domain: str) -> str:
    return host if "." in host else f"{host}.{domain}"


def _account(username: str) -> str:
    return username.rpartition("\\")[2].partition("@")[0]


def _value(text: str, place: str, town: Declared) -> str:
    """Read a value; a template that only names declared values is replaced by them."""
    node = _node(text, place)
    value = "" if node.tag.endswith(":null") else str(node.value)
    return _REFERENCE.sub(lambda match: _named(town, match[1]) or match[0], value)


def _named(town: Declared, name: str) -> str:
    value: Any = town
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def _urls(text: str) -> dict[str, str]:
    """Read the addresses of servers by name. Raises `Unfit` where something else is there."""
    node = _node(text, _URLS)
    if not isinstance(node, yaml.MappingNode) or not all(isinstance(value, yaml.ScalarNode) for _, value in node.value):
        raise Unfit(f"{_URLS} n’est pas une liste d’adresses par nom", where=str(MAIN), todo="Écrivez-y {} d’abord.")
    return {key.value: value.value for key, value in node.value}


def _node(text: str, place: str) -> yaml.Node:
    """Find a value in the text. Raises `Unfit` where it is not there."""
    node: yaml.Node | None = _root(text)
    for part in place.split("."):
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        node = next((value for key, value in pairs if key.value == part), None)
    if node is None:
        raise Unfit(f"{place} n’y est pas, rien n’a été écrit", where=str(MAIN), todo=f"Remettez-y « {place} ».")
    return node


@lru_cache(maxsize=8)
def _root(text: str) -> yaml.Node | None:
    """Compose a text; the places of the same text are looked up many times."""
    try:
        root: yaml.Node | None = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise Unfit("ce fichier ne se lit pas", where=str(MAIN), why=" ".join(str(error).split())) from error
    return root


def _edited(text: str, changes: Mapping[str, Any]) -> str:
    """Replace values where they are, and nothing else. Raises `Unfit`.

    The last comes first, so that the places of the others stay.
    """
    before, nodes = text, {place: _node(text, place) for place in changes}
    for place in sorted(changes, key=lambda place: nodes[place].start_mark.index, reverse=True):
        start, end = nodes[place].start_mark.index, _end(nodes[place])
        # An empty value starts at its colon.
        text = text[:start] + " " * (start == end) + _written(changes[place]) + text[end:]
    wanted = {place: _root(_written(value)) for place, value in changes.items()}
    try:
        kept = _values(_root(text), {}) == _values(_root(before), wanted)
    except (Unfit, RecursionError):
        kept = False
    if not kept:
        # An anchor, an alias or a text of several lines.
        listing = "\n".join(f"  - {place} : {_written(value)}" for place, value in changes.items())
        raise Unfit(
            "des valeurs d’une forme inattendue ne se remplacent pas sans toucher aux autres, rien n’a été écrit",
            where=str(MAIN),
            todo=f"Écrivez-les vous-même :\n{listing}",
        )
    return text


def _end(node: yaml.Node) -> int:
    """Give the end of a value; the mark of a block is at what follows it, comments included."""
    while isinstance(node, yaml.MappingNode) and not node.flow_style:
        node = node.value[-1][1]
    return int(node.end_mark.index)


def _values(node: yaml.Node | None, others: Mapping[str, yaml.Node | None], place: str = "") -> Any:
    """Give what a text comes to, with other values at some places."""
    node = others.get(place, node)
    if isinstance(node, yaml.MappingNode):
        return [
            (_values(key, {}), _values(value, others, f"{place}.{key.value}".lstrip("."))) for key, value in node.value
        ]
    if isinstance(node, yaml.SequenceNode):
        return [_values(item, {}) for item in node.value]
    return (node.tag, node.value) if node else None


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {json.dumps(url)}' for name, url in value.items())}}}"
    if value is None:
        return "null"
    plain = _PLAIN.fullmatch(value) and yaml.safe_load(value) == value
    return value if plain else json.dumps(value, ensure_ascii=False)
