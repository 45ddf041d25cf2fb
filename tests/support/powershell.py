"""The syntax tree of PowerShell, read without Windows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser


@cache
def tree(text: str) -> Node:
    """Parse a program; the same text is parsed once."""
    return Parser(Language(tree_sitter_powershell.language())).parse(text.encode()).root_node


def nodes(root: Node, kind: str) -> Iterator[Node]:
    """Yield the nodes of a kind below a node, the node itself first."""
    if root.type == kind:
        yield root
    for child in root.children:
        yield from nodes(child, kind)


def text(node: Node) -> str:
    """Return the text of a node."""
    return (node.text or b"").decode()


def splatted(root: Node, variable: str) -> set[str]:
    """Return the parameters that a hashtable is filled with, key by key."""
    return set(re.findall(rf"\${variable}\['(\w+)'\]\s*=", text(root)))


def own(command: Node, kind: str) -> Iterator[Node]:
    """Yield the nodes of a kind in a command, without those of its script blocks."""
    for child in command.children:
        if child.type == kind:
            yield child
        elif child.type not in ("script_block", "command"):
            yield from own(child, kind)


def called(root: Node) -> dict[str, set[str]]:
    """Return the commands of a script, with all the parameters that they are given."""
    parameters: dict[str, set[str]] = defaultdict(set)
    for command in nodes(root, "command"):
        if not (names := list(own(command, "command_name"))):
            continue  # a script block that is invoked
        name = text(names[0])
        parameters[name] |= {text(node).lstrip("-") for node in own(command, "command_parameter")}
        for variable in own(command, "variable"):
            if text(variable).startswith("@"):
                parameters[name] |= splatted(root, text(variable)[1:])
    return dict(parameters)


_AROUND = {
    "program", "statement_list", "pipeline", "pipeline_chain", "logical_expression", "bitwise_expression",
    "comparison_expression", "additive_expression", "multiplicative_expression", "format_expression",
    "range_expression", "array_literal_expression", "unary_expression", "string_literal",
}  # fmt: skip


def data(source: str) -> Any:
    """Read a data file (about_Data_Files): tables, lists, plain texts.

    Raises ValueError for code.
    """
    root = tree(source)
    if root.has_error:
        raise ValueError("not PowerShell")
    (content,) = _values(root)
    return content


def _values(node: Node) -> Iterator[Any]:
    children = [child for child in node.children if child.is_named and child.type != "comment"]
    if node.type == "hash_literal_expression":
        entries = [entry for body in children for entry in body.children if entry.type == "hash_entry"]
        yield {key: content for entry in entries for key, content in [_entry(entry)]}
    elif node.type == "array_expression":
        yield [value for child in children for value in _values(child)]
    elif node.type == "verbatim_string_characters":
        yield text(node)[1:-1].replace("''", "'")
    elif node.type in _AROUND:
        for child in children:
            yield from _values(child)
    else:
        raise ValueError(f"code in a data file: {text(node)}")


def _entry(node: Node) -> tuple[str, Any]:
    key, content = (child for child in node.children if child.is_named)
    (value,) = _values(content)
    return text(key).strip("'"), value
