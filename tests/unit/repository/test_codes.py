"""Error codes, by which people look errors up: each has a single class."""

import re
from collections.abc import Iterable

from tests.unit.repository.tree import shown, tracked

DECLARED = re.compile(r"^class (\w+)\(.*?^    code = \"(PISTE-\w+)\"$", re.MULTILINE | re.DOTALL)


def shared_codes(declared: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """List the codes of several classes, from pairs `(class, code)`."""
    classes: dict[str, list[str]] = {}
    for name, code in declared:
        classes.setdefault(code, []).append(name)
    return {code: names for code, names in classes.items() if len(names) > 1}


def test_no_two_errors_share_a_code() -> None:
    declared = [
        (f"{shown(path)} {name}", code)
        for path in tracked("piste/*.py", "callback_plugins/*.py")
        for name, code in DECLARED.findall(path.read_text("utf-8"))
    ]
    assert {code for _, code in declared} >= {"PISTE-E001", "PISTE-E030", "PISTE-E041", "PISTE-E044"}
    assert shared_codes(declared) == {}


def test_two_errors_of_one_code_are_seen() -> None:
    first = 'class A(PisteError):\n    """One."""\n\n    code = "PISTE-E001"\n'
    text = f"{first}\n\n{first.replace('class A', 'class B')}"
    assert shared_codes(DECLARED.findall(text)) == {"PISTE-E001": ["A", "B"]}
