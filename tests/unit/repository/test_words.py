"""Words that hide their meaning stay out of names, docstrings and comments."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator

import pytest

from tests.unit.repository.tree import shown, tracked

NAMES = {"one", "ones", "found"}
"""Whole names that say nothing of the thing they hold."""
WORDS = {"apart", "bear", "bears", "held", "told", "whoever"}
"""Words of no name and no sentence."""
PHRASES = re.compile(
    r"\bof which\b|\bones\b|\bone's\b|\b(?:this|that|each|every|another|which|new|old|same|own|right|wrong) one\b",
    re.IGNORECASE,
)
BEGINNING = re.compile(r"(?:What|Whether|Who|Whom|Whose|Where|When|How|Which|Why)\b")
LONGEST = 90
_FORMS = "|".join(form for word in sorted(WORDS) for form in (word, word.capitalize(), word.upper()))
SUSPECT = re.compile(
    rf"(?<![a-z])(?:{_FORMS})(?![a-z])|\b(?:{'|'.join(sorted(NAMES))})\b|(?i:{PHRASES.pattern})"
    rf'|^[ \t]*r?"""(?:{BEGINNING.pattern}|(?!.{{0,{LONGEST}}}"{{3}}$).{{{LONGEST + 1},}})|(?:\A|:\n[ \t]*)r?"""\n',
    re.MULTILINE,
)
"""What a file has somewhere that hides: most have nothing of it, and need not be parsed."""
STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def names(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """List every name that the code gives: variables, parameters, functions, classes."""
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.alias):
            yield node.lineno, node.asname or ""


def prose(source: str, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """List every line of a docstring, of attributes too, and every comment."""
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for number, line in enumerate(node.value.value.splitlines()):
                yield node.lineno + number, line
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def headings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """List the faults of first lines of docstrings; that of a verb is its help, in French."""
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        left += [part for part in ast.iter_child_nodes(node) if isinstance(part, STATEMENTS)]
        if not isinstance(node, DOCUMENTED) or not (text := ast.get_docstring(node)):
            continue
        heading, line = text.splitlines()[0], getattr(node, "lineno", 1)
        wrong = [f"docstring of {len(heading)} characters"] if len(heading) > LONGEST else []
        wrong += [f"docstring that begins with {begins.group()}"] if (begins := BEGINNING.match(heading)) else []
        decorators = getattr(node, "decorator_list", ())
        if wrong and not any(re.search(r"\.(?:command|group)\b", ast.unparse(by)) for by in decorators):
            yield from ((line, fault) for fault in wrong)


def faults(source: str) -> list[str]:
    """List the lines of a source that hide what they mean, with the word or the reason."""
    if not SUSPECT.search(source):
        return []
    tree = ast.parse(source)
    hiding, nodes = [*headings(tree)], [*ast.walk(tree)]
    hiding += [
        (line, name)
        for line, name in names(nodes)
        if name in NAMES or WORDS & set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))
    ]
    hiding += [
        (line, match.group())
        for line, text in prose(source, nodes)
        for match in re.finditer(rf"\b(?:{'|'.join(sorted(WORDS))})\b|{PHRASES.pattern}", text, re.IGNORECASE)
    ]
    return [f"{line}: {word}" for line, word in sorted(hiding)]


def test_names_and_sentences_say_what_they_mean() -> None:
    by_file = {shown(path): faults(path.read_text("utf-8")) for path in tracked("*.py")}
    assert {name: hiding for name, hiding in by_file.items() if hiding} == {}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("for one in ports:\n    pass\n", ["1: one"]),
        ("def f(found):\n    self.held = 1\n", ["1: found", "2: held"]),
        ('"""A thing it is told."""\nx = 1  # whoever asks\n', ["1: told", "2: whoever"]),
        ('class ApartFrom:\n    """That one."""\n', ["1: ApartFrom", "2: That one"]),
        ('def f():\n    """What it does."""\n', ["1: docstring that begins with What"]),
        (f'"""{"a" * 91}"""\n', ["1: docstring of 91 characters"]),
        ('as_found = 1\n"""One file a site, as found."""\n', []),
    ],
)
def test_a_word_that_hides_is_seen(source: str, expected: list[str]) -> None:
    assert faults(source) == expected
