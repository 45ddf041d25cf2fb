"""Text for people and for files, safe with whatever a system may have in a name."""

from __future__ import annotations

import re
from typing import Any

import yaml

# The writer in C, where PyYAML has it, is several times faster; it escapes what is beyond the basic plane.
_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_JINJA = ("{{", "{%", "{#")
_OVERRIDE = "#jinja2:"
"""Beginning of a text that gives Ansible other signs than the usual signs."""


def is_template(text: str) -> bool:
    """True where Ansible would evaluate a text of a file of variables."""
    return text.startswith(_OVERRIDE) or any(sign in text for sign in _JINJA)


class _Dumper(_Base):  # type: ignore[misc]
    """A YAML writer that puts text with invisible characters in double quotes.

    Escapes work there. Otherwise some line separators would come back as spaces, and a terminal would obey the rest.
    """


def _represent(dumper: Any, text: str) -> Any:
    style = None if text.replace("\n", "").isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent)


def as_yaml(value: Any, width: int = 100) -> str:
    """Write `value` as YAML that reads back equal, in visible characters, French letters intact."""
    dumped: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=width)
    return "\n".join(on_one_line(line) for line in dumped.split("\n"))


class _Declared(_Dumper):
    """A writer that marks text that Jinja would evaluate, and writes no alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_declared(dumper: Any, text: str) -> Any:
    if is_template(text):
        return dumper.represent_scalar("!unsafe", text, '"')
    return _represent(dumper, text)


_Declared.add_representer(str, _represent_declared)


def as_declaration(value: Any) -> str:
    """Write `value` as a file of the declaration.

    The innermost objects stand on a line; hostile text is tagged `!unsafe`.
    """
    options: dict[str, Any] = {"allow_unicode": True, "sort_keys": False, "width": 110, "default_flow_style": None}
    dumped: str = yaml.dump(value, Dumper=_Declared, **options)
    return "\n".join(on_one_line(line) for line in dumped.split("\n"))


class _Loader(yaml.CSafeLoader):
    """Plain YAML without dates, which JSON lacks; with the text that an export keeps from Jinja."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "one key comes twice", node.start_mark)
        return mapping


def _as_it_is(loader: _Loader, node: yaml.ScalarNode) -> object:
    return loader.construct_scalar(node)


_Loader.add_constructor("!unsafe", _as_it_is)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def of_declaration(text: str) -> Any:
    """Read a text of `as_declaration`. Raises yaml.YAMLError."""
    return yaml.load(text, _Loader)


_FORMULA = re.compile(r"(^|[;\t\r\n])((?:[^\S\t\r\n]|[\x00\u200b-\u200f\u2060\ufeff])*)(?=[=+\-@＝＋－＠])")


def as_cell(text: str) -> str:
    """Write `text` as a cell that no spreadsheet runs.

    An apostrophe goes before what begins like a formula. So it does after a semicolon, a tab and an end of line, where
    a spreadsheet may begin a cell of its own.
    """
    return _FORMULA.sub(r"\1\2'", text)


def on_one_line(text: str) -> str:
    """Write `text` on one line, invisible characters escaped."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return f"\\U{ord(char):08X}" if ord(char) > 0xFFFF else f"\\u{ord(char):04X}"


_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\ufffe\uffff]"
)
"""Invisible characters: controls, marks of direction, joiners, halves of a pair. With them a text is not what it shows
on a screen, in a console, in a command."""


def hidden(text: str) -> str | None:
    """Give the first invisible character of a text, as `U+202E`; None where there is none."""
    match = _HIDDEN.search(text)
    return f"U+{ord(match[0]):04X}" if match else None
