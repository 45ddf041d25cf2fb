"""Each read of four HTTP systems, answered wrongly: not read is unknown.

No run ends in a traceback, writes, or takes an unread object for absent. `make fuzz` tries every defect on every read;
here one read stands for those that go through the same lines of the product. The reads are those that the modules make
on a simulator, and each place of the product that reads is among them. Fuzz tests spoil single fields.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from piste.systems.nutanix import clusters, prism
from piste.systems.nutanix.prism import Collection
from tests.support.answers import Defect, Scenario, bodies, is_unknown, on, play
from tests.support.answers_reads import places_of, reads_of, stop_time
from tests.support.answers_scenarios import VENDORS
from tests.support.answers_zabbix import FOR
from tests.support.fuzz import WIDE

pytestmark = pytest.mark.drawn

UNSAID = {
    "/7.4/login": "the session is in the headers",
    "/7.4/system/smc_version": "an SMC that does not say its version is taken to be of that of its API",
}
"""Reads whose content may change without harm, and why."""
_HEADERS_TOO = ("announced page", "redirected", "no content")


@pytest.fixture(autouse=True)
def same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(monkeypatch)


def test_every_place_that_reads_is_among_the_reads() -> None:
    missed = [f"{vendor} {place}" for vendor in VENDORS for place in _unread(vendor)]
    assert missed == []


_READING = {"get", "items", "listed", "page", "pages", "results", "document", "documents", "users_of", "read"}
_CLIENTS = {"dashboard", "prism", "smc", "zabbix"}
_FOLDERS = {
    "meraki": "piste/systems/meraki", "prism": "piste/systems/nutanix", "smc": "piste/systems/forcepoint",
    "zabbix": "piste/systems/zabbix",
}  # fmt: skip
_OF_BELIEFS = "of beliefs, which no write waits for and whole answers alone settle: test_lies, test_known"
ELSEWHERE = {
    ("meraki", "believed.py", "request"): _OF_BELIEFS,
    ("smc", "believed.py", "get"): _OF_BELIEFS,
    ("smc", "believed.py", "read"): _OF_BELIEFS,
    ("smc", "believed.py", "results"): _OF_BELIEFS,
    **{
        (vendor, "authors.py", verb): "of who changed an object, which no write waits for: test_authors"
        for vendor, verb in (("meraki", "pages"), ("smc", "get"), ("smc", "results"), ("zabbix", "get"))
    },
    ("meraki", "batches.py", "request"): "after a write",
    **{
        ("meraki", "air.py", verb): "of a reading, each part of it unknown by itself: test_air, test_wifi"
        for verb in ("request", "items", "pages", "ports")
    },
    ("meraki", "living.py", "pages"): "of the list that takes the place of a list that is gone: test_living",
    ("meraki", "switch_stacks.py", "get"): "after a write",
    ("meraki", "switch_stacks.py", "items"): "of a switch that a new stack takes in: test_routing",
    ("prism", "driver.py", "read"): "after a write",
    ("prism", "recovery_plans.py", "read"): "after a write",
    ("prism", "restore.py", "read"): "of restore tests, which converge nothing: test_machine",
    ("prism", "tasks.py", "read"): "after a write",
    ("smc", "administrators.py", "document"): "around a write: forcepoint/test_administrators",
    ("smc", "bulk.py", "document"): "of a list that the simulator gives whole only where it is asked to: test_smc_bulk",
    ("smc", "children.py", "get"): "around a write; of a gateway that is not below its engine, as the simulator has it",
    ("smc", "children.py", "results"): "before a write: the gateway of an engine; the children themselves are read",
    ("smc", "driver.py", "documents"): "of what nothing in the simulator designates",
    ("smc", "elements.py", "get"): "of VPNs that are not open any more: test_smc_access",
    ("smc", "engine_interfaces.py", "document"): "after a write",
    ("smc", "engine_routes.py", "document"): "after a write",
    ("smc", "installations.py", "get"): "after a write",
    ("smc", "policies.py", "document"): "after a write",
    ("smc", "rule_writes.py", "document"): "after a write",
    ("smc", "rule_writes.py", "documents"): "after a write",
    ("zabbix", "believed.py", "get"): _OF_BELIEFS,
    ("zabbix", "checks.py", "get"): "of the doctor, where a template is absent: zabbix/test_checks",
    ("zabbix", "accounts.py", "listed"): "of an export that is replayed: test_zabbix",
    ("zabbix", "administrators.py", "get"): "of accounts, a reading that is unknown whole: test_zabbix_refusals",
    ("zabbix", "dependencies.py", "get"): "after a write: test_zabbix",
    ("zabbix", "disabled.py", "get"): "of what somebody disables on a host: test_zabbix_by_hand",
    ("zabbix", "disabled.py", "listed"): "of hosts on which something is disabled by hand: test_zabbix_by_hand",
    ("zabbix", "disabled.py", "read"): "after a write: test_zabbix_by_hand",
    ("zabbix", "link_measures.py", "get"): "of values, which a frontend alone does not have: test_links",
    ("zabbix", "living.py", "get"): "of open problems, which a frontend alone does not have: test_polled",
    ("zabbix", "push.py", "get"): "before values are pushed: test_zabbix_points",
}
"""Reads that no scenario makes, and why."""


def _unread(vendor: str) -> Iterator[str]:
    """List the calls of a reading client that no line of a scenario reached."""
    reads, lines = reads_of(vendor)
    for file in sorted(Path(_FOLDERS[vendor]).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            client = ast.unparse(node.func.value).rpartition(".")[2].removeprefix("_")
            verb = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
            reading = node.func.attr in _READING or (node.func.attr == "request" and verb in ("GET", "OPTIONS"))
            if client in _CLIENTS and reading and (vendor, file.name, node.func.attr) not in ELSEWHERE:
                seen = any((file.name, line) in lines for line in range(node.lineno, (node.end_lineno or 0) + 1))
                if not seen:
                    yield f"{file.name}:{node.lineno}"
    if vendor == "prism":
        for module in (prism, clusters):
            for collection in vars(module).values():
                known = not isinstance(collection, Collection) or any(f"/{collection.path}" in read for read in reads)
                if not known and collection is not prism.TASKS:
                    yield str(collection.path)


def _drawn(vendor: str) -> Iterator[tuple[str, Scenario, str, Defect]]:
    """Give each read with its defects.

    The first read of a place of the product has a defect of each sort; its others, in `make stories` alone.
    """
    # A batch without one of its answers says nothing, whatever module asks.
    once = {read.partition(FOR)[0]: read for read in reads_of(vendor)[0]}
    known = set[tuple[object, ...]]()
    for read in once.values():
        scenario, _, content = reads_of(vendor)[0][read]
        every = [each for each in bodies(content).items() if read not in UNSAID or each[0] in _HEADERS_TOO]
        place = (places_of(vendor)[read], *(name for name, _ in every))
        if WIDE or place not in known:
            known.add(place)
            some = every if WIDE else _of_each_sort(every, len(known))
            yield from ((read, scenario, name, defect) for name, defect in some)


_BESIDE = {"empty object", "error", "announced page"}
"""Defects that some places take otherwise than their sort."""
_BYTES = {"empty", "truncated", "page", "redirected", "no content"}
"""Defects that are seen where an answer becomes JSON, whatever asks."""


def _of_each_sort(every: Sequence[tuple[str, Defect]], turn: int) -> list[tuple[str, Defect]]:
    """Choose a value that is no answer, and bytes that are none, in turn; those beside always."""
    sorts: dict[str, list[tuple[str, Defect]]] = {}
    for name, defect in every:
        sort = name if name in _BESIDE else "bytes" if name in _BYTES else "value"
        sorts.setdefault(sort, []).append((name, defect))
    return [some[turn % len(some)] for some in sorts.values()]


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_answer_that_is_none_is_unknown(vendor: str) -> None:
    world, wrong = VENDORS[vendor][0](), []
    for read, scenario, name, defect in _drawn(vendor):
        outcome = play(world, scenario, on(read, defect))
        if not is_unknown(outcome):
            wrong.append(f"{read} {name}, {scenario.name}: {outcome.kind} {outcome.said[:100]}")
    assert wrong == []
