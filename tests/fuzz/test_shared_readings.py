"""Shared readings of a domain and a print server are what each owner would have read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from lab.winrm.print_server import PrintServer as Lab
from lab.winrm.print_server import queue
from piste.engine.transport.shared import VARIABLE, Shared
from piste.systems.windows import dn as dns
from piste.systems.windows.entry import Entry
from piste.systems.windows.print_server import PrintServer, expect
from piste.systems.windows.searches import PLACES, Answers
from tests.support.fuzz import examples

BASE = "DC=ad,DC=ville,DC=test"
NAMES = st.text(st.sampled_from('aÀé,=\\/ #"+;<>B'), min_size=1, max_size=4).filter(str.strip)
UNITS = st.lists(st.lists(NAMES, max_size=3), max_size=8)
VALUES = st.dictionaries(st.sampled_from(("description", "gPLink", "nTSecurityDescriptor")), st.lists(st.binary()))


def dn_of(steps: Sequence[str]) -> str:
    return ",".join([f"OU={dns.escape(step)}" for step in steps] + [BASE])


@examples(small=10, wide=2000)
@given(UNITS, st.lists(NAMES, max_size=3), VALUES)
def test_a_task_reads_of_the_places_those_beneath_its_own(
    units: list[list[str]], base: list[str], values: dict[str, list[bytes]]
) -> None:
    units += [[*steps, *base] for steps in units]
    entries = [Entry(dn_of(steps), values) for steps in units]
    shown = {name: raw for name, raw in values.items() if raw}
    with TemporaryDirectory() as folder:
        answers = Answers(Shared(Path(folder), "windows-dc"))
        for _ in range(2):
            answered = answers.beneath(PLACES, lambda: entries, dn_of(base))
            below = [entry.dn for entry in entries if dns.below(entry.dn, dn_of(base))]
            assert [entry.dn for entry in answered] == below
            for entry in answered:
                assert {name: entry.raw(name) for name in entry.names} == shown
        assert answers.names(PLACES, lambda: []) == {dns.normal(entry.dn) for entry in entries}


QUEUES = [f"imp-{site}-{number}" for site in "abc" for number in range(3)]
SOME = st.lists(st.sampled_from(QUEUES), max_size=4)
PREFIXES = st.sampled_from((None, "imp-a-", "IMP-B-", "", "imp-"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("expect"), SOME, PREFIXES),
        st.tuples(st.just("read"), SOME, PREFIXES),
        st.tuples(st.just("write"), SOME, st.none()),
        st.tuples(st.just("break"), SOME, st.none()),
    ),
    max_size=12,
)


@examples(small=10, wide=2000)
@given(STEPS)
def test_an_owner_reads_what_the_print_server_would_tell_it(steps: list[tuple[str, list[str], str | None]]) -> None:
    """Whatever the others have asked for, and whatever was written through the run."""
    lab = Lab([queue(name) for name in QUEUES])
    written = 0

    class Host:
        host = "hdv-imp1"

        def run(self, snippet: str, **given: Any) -> dict[str, Any]:
            return lab.read({**given, "limit": 2})

    with (
        TemporaryDirectory() as folder,
        patch.dict(os.environ, {VARIABLE: folder}),
        patch("piste.systems.windows.print_server.BATCH", 2),
    ):
        for what, names, prefix in steps:
            server = PrintServer(Host())  # type: ignore[arg-type]
            if what == "expect":
                expect(Host.host, names, prefix)
            elif what in ("write", "break"):
                with server.writing(names):
                    for printer in lab.queues:
                        if printer["name"] in names:
                            written += 1
                            printer |= {"broken": "no driver"} if what == "break" else {"location": f"Salle {written}"}
            else:
                shared, alone = (
                    {queue["name"]: queue for queue in server.queues(names, prefix, fresh=fresh)}
                    for fresh in (False, True)
                )
                mine = [n for n in QUEUES if n in names or (prefix is not None and n.startswith(prefix.casefold()))]
                assert list(shared) == QUEUES
                assert [shared[name] for name in mine] == [alone[name] for name in mine]
