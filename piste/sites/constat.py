"""The statement drawn up during a verification: the tests, and the files that prove them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from piste.papers.dossier.verification_record import Test, TestVerdict, evidence


@dataclass(slots=True)
class Constat:
    tests: list[Test] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    """Every fault of a test and all that is not known of it, where its trial gives each of them."""

    def add(
        self,
        id_: str,
        domain: str,
        title: str,
        expected: str,
        observed: str,
        verdict: TestVerdict,
        *,
        requirements: Iterable[str] = (),
        reason: str = "",
        proof: Any = None,
        read_at: str | None = None,
        wrong: Iterable[str] = (),
    ) -> None:
        name, content = self._free(_file(id_)), json.dumps(proof, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        self.wrong[id_] = [*wrong]
        if proof is not None:
            self.files[name] = content.encode()
        self.tests.append(
            Test(
                id=id_,
                domain=domain,
                title=title,
                requirements=list(requirements),
                expected=expected,
                observed=observed,
                verdict=verdict,
                reason=reason,
                evidence=[evidence(name, content.encode())] if proof is not None else [],
                read_at=read_at,
            )
        )

    def _free(self, name: str) -> str:
        """Name a file that no test has: `a/1` and `a:1` would have files of one name."""
        names = chain([name], (f"{name}-{rank}" for rank in count(2)))
        return next(f"{free}.json" for free in names if f"{free}.json" not in self.files)

    def test(self, id_: str) -> Test | None:
        return next((test for test in self.tests if test.id == id_), None)


def _file(id_: str) -> str:
    return re.sub(r"[^a-zA-Z0-9._-]+", "-", id_)
