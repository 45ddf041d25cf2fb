"""A restore method whose system is a folder, and a test that names it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from piste.engine.converge.errors import Unreachable
from piste.engine.converge.secrets import FINGERPRINT_KEY
from piste.readings.protection.copies import Copy
from piste.town.model.restores import RestoreTest
from piste.trials.restore.method import Answer, Context, Isolation, Thing
from piste.trials.restore.run import Given
from tests.support.inprocess import Killed

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
COPY = Copy(
    set="partages", store="prism", taken_at="2026-11-28T06:00:00Z", size_bytes=1024, id="rp-1", immutable_until=None,
    state="complete",
)  # fmt: skip
TEST = RestoreTest(
    name="essai", label="Un essai", method="share", every_days=90, requirement=None, rto_hours=4, rpo_hours=24,
    set="partages", store=None, network=None, probes=[], object=None, server=None, sample=20, steps=None,
    checks=None, cctp=None, status=None,
)  # fmt: skip

KEY = {FINGERPRINT_KEY: "clef-des-empreintes-des-tests"}


class Folder:
    """A method that makes files in a folder: `dies_at` kills it there, `fails` has a step raise.

    A kill before a file is made and a kill after it are both `restore`, `restored`.
    """

    system: Path
    dies_at = ""
    fails: ClassVar[dict[str, Exception]] = {}
    faults: Sequence[str] = ()
    copy: Copy | None = COPY
    answers: Sequence[Answer] = (Answer("Un fichier", "là", "là", "conform", {"sha256": "…"}),)
    stubborn = False

    def _at(self, step: str) -> None:
        if step == type(self).dies_at:
            raise Killed
        if step in self.fails:
            raise self.fails[step]

    def prepare(self, context: Context) -> Isolation:
        self._at("prepare")
        return Isolation("un dossier à part", self.copy, self.faults)

    def restore(self, context: Context) -> None:
        for name in ("disque", "machine"):
            thing = context.expect(Thing("file", f"{context.test['name']}-{name}"))
            self._at("restore")
            (self.system / thing.id).touch()
            self._at("restored")

    def start(self, context: Context) -> None:
        self._at("start")

    def wait(self, context: Context) -> None:
        self._at("wait")

    def probe(self, context: Context) -> Iterable[Answer]:
        self._at("probe")
        return self.answers

    def teardown(self, things: Sequence[Thing], context: Context) -> None:
        for thing in things:
            self._at("teardown")
            if not self.stubborn:
                (self.system / thing.id).unlink(missing_ok=True)

    def left(self, things: Sequence[Thing], context: Context) -> Iterator[str]:
        self._at("left")
        yield from (thing.id for thing in things if (self.system / thing.id).exists())


def silent() -> Exception:
    return Unreachable("le système n’a pas répondu")


def given(**more: Any) -> Given:
    return Given("lab", now=lambda: NOW, secrets=KEY, **more)
