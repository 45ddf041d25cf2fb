"""Days that the assertions of tests await are given, never those of the week of writing.

A program that a test starts has the clock of the machine. A day that an assertion awaits of it is given by the test
itself, by the lab, by the support of the tests or by the frozen town. A day from nowhere is a day of the week in which
the test was written, and the test fails in another week. A moment taken at import is old when a long session comes to
the test.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

from piste.papers.dossier.notation import MONTHS
from piste.town.model import load
from tests.support import frozen
from tests.unit.repository.tree import ROOT, shown, tracked

YEAR = r"20\d\d"
DAY = re.compile(
    rf"\b(?P<year>{YEAR})(?P<mark>[-/])(?P<month>\d\d)(?P=mark)(?P<day>\d\d)"
    rf"|\b(?P<french_day>\d\d?)(?:er)?"
    rf"(?:/(?P<french_month>\d\d)/| (?P<named>{'|'.join(MONTHS)}) )(?P<french_year>{YEAR})"
    rf"|\b(?P<week>{YEAR}-W\d\d)\b"
)
STARTED = re.compile(r"\b(?:Terminal|Console|console|Lab|subprocess)\b")
"""Names by which a test starts programs; a world in the process of the test has a clock that stands."""

CLOCKS = frozenset({"now", "today", "time", "utcnow"})
"""Names of the calls that read the real clock."""
CALLED = re.compile(rf"\b(?:{'|'.join(sorted(CLOCKS))})\(")


def days(text: str) -> Iterator[str]:
    """List the days of a text, each in one form; a week stays as it is written."""
    for match in DAY.finditer(text):
        part = match.groupdict()
        month = MONTHS.index(part["named"]) + 1 if part["named"] else int(part["month"] or part["french_month"] or 0)
        year, day = part["year"] or part["french_year"], part["day"] or part["french_day"]
        yield part["week"] or f"{year}-{month:02}-{int(day):02}"


@cache
def given() -> frozenset[str]:
    """List the days of the declaration, of the lab and of the support of the tests."""
    files = tracked("group_vars", "inventories", "docs/*.yml", "lab", "tests/support")
    texts = (path.read_bytes().decode("utf-8", "replace") for path in files if path.is_file())
    return frozenset(day for text in texts for day in days(text))


def awaited(source: str) -> Iterator[str]:
    """List the days that the assertions of a test file await and that nothing gives."""
    tree = ast.parse(source)
    texts = {node: node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    asserted = {node for part in ast.walk(tree) if isinstance(part, ast.Assert) for node in ast.walk(part)}
    own = {day for node, text in texts.items() if node not in asserted for day in days(_text(text))}
    dates = (node.args[:3] for node in ast.walk(tree) if isinstance(node, ast.Call))
    own |= {_date([texts[part] for part in parts if part in texts]) for parts in dates}  # type: ignore[index]
    for node, text in texts.items():
        if node in asserted:
            yield from (f"{node.lineno} : {day}" for day in days(_text(text)) if day not in own | given())


def at_import(part: ast.AST) -> Iterator[str]:
    """List the calls that read the clock at import: outside of functions, or in their defaults."""
    for node in ast.iter_child_nodes(part):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for evaluated in (*node.decorator_list, node.args):
                    yield from at_import(evaluated)
            case ast.Lambda():
                yield from at_import(node.args)
            case _:
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLOCKS:
                    yield f"{node.lineno} : {ast.unparse(node)}"
                yield from at_import(node)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _date(parts: list[object]) -> str:
    """Write the day of the arguments of `date(2026, 11, 24)`; nothing for other arguments."""
    try:
        return date(*parts).isoformat()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return ""


def test_no_assertion_awaits_a_day_that_only_the_clock_gave() -> None:
    sources = {path: path.read_text("utf-8") for path in tracked("tests/integration/*.py", "tests/contract/*.py")}
    started = {path: text for path, text in sources.items() if STARTED.search(text)}
    assert len(started) > 80
    by_file = {shown(path): [*awaited(text)] for path, text in started.items()}
    assert {name: unexplained for name, unexplained in by_file.items() if unexplained} == {}


def test_no_test_keeps_a_moment_of_its_import() -> None:
    sources = ((path, path.read_text("utf-8")) for path in tracked("tests/*.py"))
    by_file = {shown(path): [*at_import(ast.parse(text))] for path, text in sources if CALLED.search(text)}
    assert len(by_file) > 50
    assert {name: kept for name, kept in by_file.items() if kept} == {}


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2031, 1, 1)])
def test_the_frozen_town_does_not_age(day: date) -> None:
    """Ends of exceptions, of accounts and of certificates lie ahead of any session."""
    loaded = load(ROOT / "inventories/town", today=day)
    assert [str(fault) for fault in loaded.faults] == []


@pytest.mark.skipif(not frozen.clocks(), reason="faketime n’est pas là")
def test_a_session_of_another_day_gives_its_clock_to_the_programs_that_it_starts() -> None:
    asked = "from datetime import datetime; print(datetime.now().astimezone())"
    environment = {**os.environ, "TZ": "Europe/Paris", **frozen.on_the_day("2028-02-29T12:00")}
    done = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("2028-02-29 12:")


def test_a_week_of_the_day_of_writing_is_found_and_a_day_that_is_given_is_not() -> None:
    assert [*awaited('assert "1999-W01 : 2099-W45 : les ports : GET" in said.err')] == ["1 : 2099-W45"]
    assert [*awaited('assert "relevé le 3 janvier 2099, puis le 04/01/2099" in said.out')] == [
        "1 : 2099-01-03",
        "1 : 2099-01-04",
    ]
    given_first = 'play("-e", "until=2099-12-31")\nassert "jusqu’au 31/12/2099" in said.out'
    assert [*awaited(given_first)] == []
    assert [*awaited('at = datetime(2099, 1, 4)\nassert "04/01/2099" in said.out')] == []


def test_a_moment_of_the_import_is_found_and_that_of_a_call_is_not() -> None:
    source = "NOW = datetime.now(UTC)\ndef life(at=date.today(), *, of=lambda: time()): return datetime.now(UTC)"
    assert [*at_import(ast.parse(source))] == ["1 : datetime.now(UTC)", "2 : date.today()"]
