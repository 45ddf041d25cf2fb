"""Unreadable answers of a domain: unknown or named; no crash, no lost object, no write."""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from itertools import cycle, product
from pathlib import Path
from typing import Any

import ldap3
import pytest
import smbclient

from piste.engine.converge.errors import AnswerLost, PisteError, Unreachable
from piste.engine.converge.resource import UNSET, Field
from piste.engine.transport.shared import VARIABLE
from piste.runs.dispatch import MODULES
from piste.runs.modules import READS
from piste.runs.read import of
from piste.systems.windows import sysvol as share
from piste.systems.windows.directory import Directory
from piste.systems.windows.domain import DOMAIN
from piste.systems.windows.domain import Domain as Where
from piste.systems.windows.entry import Entry
from piste.systems.windows.refusals import Unread
from piste.systems.windows.sysvol import Sysvol
from piste.systems.windows.winrm_access import WINRM
from tests.support.samba import Domain, running_domain
from tests.support.town import declared_town

EVERY = {**MODULES, **{subject: of(subject) for subject in READS}}
READERS = sorted(
    name
    for name, module in EVERY.items()
    if DOMAIN in module.options and not {WINRM.name, "smb"} & {field.name for field in module.options}
)
"""Modules and subjects that read the directory alone."""
OPTIONAL = {"gPLink", "gPOptions", "description", "displayName", "dhcpServers"}
"""Attributes that an object may do without: it then has fewer fields."""
NAMED = {("gPLink", b"abc")}
"""Text that is no link: without effect, named as such, written anew where links are declared."""
JUNK = b"\xff\xfe\x00\x80"
ODD = (None, JUNK, b"abc")
"""Values of an attribute; `make test` has them in turn, for every other attribute, `make stories` has each for each."""


@pytest.fixture(scope="module")
def inherited() -> Iterator[Domain]:
    with running_domain() as domain:
        domain.restore("brownfield")
        yield domain


class Answers:
    """Reads of a domain by a module, asked once: a second read gets the first answer again."""

    def __init__(self, domain: Domain, folder: Path) -> None:
        self.domain, self.folder = domain, folder
        self.spoil: Callable[[Entry], Entry] = lambda entry: entry
        self.files: Callable[[str, Any], Any] = lambda path, content: content
        self.seen: set[str] = set()
        self.paths: set[str] = set()
        self.written: list[str] = []

    def run(self, name: str, number: int) -> list[Any]:
        """Return all that a module says: objects, findings, orphans."""
        (self.folder / str(number)).mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(VARIABLE, str(self.folder / str(number)))
            patch.setattr(Directory, "_connect", self._connected)
            patch.setattr(Directory, "close", lambda directory: None)
            patch.setattr(Directory, "_search", self._searched)
            patch.setattr(Sysvol, "takes_files", lambda sysvol, path: True)
            patch.setattr(Directory, "_write", lambda *arguments: self.written.append(str(arguments)))
            for kind in ("read", "listing", "descriptor"):
                patch.setattr(Sysvol, kind, self._shared(kind))
            patch.setattr(Sysvol, "_write", lambda *arguments: self.written.append(str(arguments)))
            module = EVERY[name]
            asked = {field.name: _neutral(field) for field in module.options}
            given = {"domain": self.domain.option, "owner": "commune", "state": "gathered", "outgoing": ["Admin*"]}
            given |= {"declared": town.commune["certificates"]} if (town := declared_town()).commune else {}
            result = module.run({**asked, **{key: value for key, value in given.items() if key in asked}}, True)
        return next((result[key] for key in ("gathered", "findings", "orphans") if result.get(key) is not None), [])

    @functools.cached_property
    def _connected(self) -> Any:
        real, known = Directory._connect, {}

        def connect(directory: Directory, controller: str, address: str) -> Any:
            if controller not in known:
                known[controller] = real(directory, controller, address)
                known[controller].unbind = lambda: None
            return known[controller]

        return connect

    @functools.cached_property
    def _searched(self) -> Any:
        real, known = Directory._search, {}

        def search(directory: Directory, connection: Any, *asked: Any) -> list[Entry]:
            if repr(asked) not in known:
                known[repr(asked)] = real(directory, connection, *asked)
            for entry in known[repr(asked)]:
                self.seen.update(entry.names)
            return [self.spoil(entry) for entry in known[repr(asked)]]

        return search

    def _shared(self, kind: str) -> Any:
        real, known = getattr(Sysvol, kind), self.__dict__.setdefault(f"of_{kind}", {})

        def read(sysvol: Sysvol, path: str, **options: Any) -> Any:
            if path not in known:
                known[path] = real(sysvol, path, **options)
            if kind == "read" and known[path] is not None:
                self.paths.add(path)
            return self.files(kind, known[path])

        return read


def _neutral(field: Field) -> Any:
    if field.default is not UNSET:
        return field.default
    return {"list": [], "dict": {}, "map": {}}.get(field.type) if field.required else None


def spoilt(attribute: str, value: bytes | None) -> Callable[[Entry], Entry]:
    def spoil(entry: Entry) -> Entry:
        values = {name: entry.raw(name) for name in entry.names}
        if attribute in values:
            values[attribute] = [] if value is None else [value]
        return Entry(entry.dn, values)

    return spoil


@pytest.mark.parametrize("each", [False, pytest.param(True, marks=pytest.mark.story)], ids=["a value", "each value"])
@pytest.mark.parametrize("name", READERS)
def test_an_attribute_that_is_missing_or_odd(inherited: Domain, tmp_path: Path, name: str, each: bool) -> None:
    answers = Answers(inherited, tmp_path)
    whole = answers.run(name, 0)
    odd = []
    attributes = sorted(answers.seen)
    some = product(attributes, ODD) if each else zip(attributes[READERS.index(name) % 2 :: 2], cycle(ODD))
    for number, (attribute, value) in enumerate(some, 1):
        answers.spoil = spoilt(attribute, value)
        try:
            read = answers.run(name, number)
        except PisteError:
            continue
        stopped = any(isinstance(item, dict) and item.get("state") in ("unknown", "wrong") for item in read)
        lacking = (value is None and attribute in OPTIONAL) or (attribute, value) in NAMED
        if len(read) < len(whole) and not stopped and not lacking:
            odd.append((attribute, value))
    assert (odd, answers.written) == ([], [])


@pytest.mark.parametrize("content", [b"", JUNK, b"[General]\r\nVersion=x\r\n", b"PReg\x01\x00\x00\x00[", b"<a>" * 2000])
def test_a_file_of_a_policy_that_does_not_parse(inherited: Domain, tmp_path: Path, content: bytes) -> None:
    answers = Answers(inherited, tmp_path)
    whole = answers.run("ad_gpos", 0)
    answers.files = lambda kind, known: content if kind == "read" and known is not None else known
    assert len(answers.run("ad_gpos", 1)) == len(whole)
    assert answers.paths
    assert answers.written == []


def test_rights_of_a_folder_that_do_not_parse(inherited: Domain, tmp_path: Path) -> None:
    answers = Answers(inherited, tmp_path)
    answers.files = lambda kind, known: JUNK if kind == "descriptor" else known
    assert [policy["name"] for policy in answers.run("ad_gpos", 0)] == ["Moitié faite"], "the policy without a folder"
    assert answers.written == []


@pytest.fixture
def directory(inherited: Domain, tmp_path: Path) -> Iterator[Directory]:
    opened = Directory(Where.of(inherited.option), tmp_path)
    yield opened
    opened.close()


WRONG = (IndexError("x"), struct.error("x"), TypeError("x"), KeyError("x"))


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_is_not_ldap(directory: Directory, wrong: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    base = directory.base

    def answer(*arguments: Any, **options: Any) -> None:
        raise wrong

    monkeypatch.setattr(ldap3.Connection, "search", answer)
    monkeypatch.setattr(ldap3.Connection, "modify", answer)
    with pytest.raises(Unreachable):
        directory.search(base)
    with pytest.raises(AnswerLost):
        directory.modify(base, {"description": ([], ["x"])})


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_is_not_smb(directory: Directory, wrong: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*arguments: Any, **options: Any) -> None:
        raise wrong

    files = Sysvol(directory)
    monkeypatch.setattr(smbclient, "open_file", answer)
    with pytest.raises(Unreachable):
        files.read("Policies/x")
    with pytest.raises(AnswerLost):
        files.write("Policies/x", b"")
    files.close()


def test_a_file_out_of_proportion_is_named_and_the_rest_is_read(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Sysvol(directory)
    path = next(f"Policies/{name}" for name in files.tree("Policies") if name.casefold().endswith("gpt.ini"))
    monkeypatch.setattr(share, "LARGEST", 3)
    with pytest.raises(Unread, match=r"GPT\.INI|gpt\.ini") as met:
        files.read(path)
    assert met.value.kind == "unknown"
    assert files.listing("Policies")
    files.close()
