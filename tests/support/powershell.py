"""The syntax tree of PowerShell, read without Windows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

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
