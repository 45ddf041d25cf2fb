"""The run's memory of rules after any series of tasks, and answers in bulk that lie."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import Conflict
from piste.engine.converge.values import stable
from piste.engine.transport.response import Response
from tests.support.answers import ABSENT, MISTYPED, paths, spoilt
from tests.support.fuzz import examples
from tests.support.rules import ELEMENTS, policy, rule, section
from tests.support.smc import SmcRun, SmcWorld, rules

TITLES = ("A", "B", "C")
IDS = [f"r{at}" for at in range(7)]
NAMES = ("element", "result", "link", "rel", "href", "self", "etag", "name")
CONFIRM: dict[str, Any] = {"confirm": ["rules", "removals"]}


_SESSION = tempfile.TemporaryDirectory(prefix="piste-smc-")
HOSTS = [{"type": "host", "name": f"poste-{at}", "address": f"10.93.9.{at + 1}"} for at in range(3)]
HOST = {"type": "host", "name": "srv-dc1", "address": "10.93.0.99"}


def made() -> SmcWorld:
    smc = SmcWorld(Path(tempfile.mkdtemp(dir=_SESSION.name)) / "smc")
    smc.module("smc_elements", [*ELEMENTS, *HOSTS])
    return smc


busy = cache(made)


def begun(smc: SmcWorld) -> SmcWorld:
    """Give a server a policy of three sections, whatever it has."""
    smc.simulator.behaviour.set(expand="properties", renumber_changes_etags=False)
    smc.module("smc_policies", [policy(*listed())], **CONFIRM)
    return smc


def listed(**more: Any) -> list[dict[str, Any]]:
    return [part for title in TITLES for part in ({"section": title}, rule(title, **more))]


steps = st.lists(
    st.tuples(
        st.sampled_from(TITLES),
        st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(["stored", "none"])), unique_by=lambda pair: pair[0]),
        st.sampled_from(["apply", "check", "edit"]),
    ),
    max_size=6,
)


@examples(small=5, wide=600)
@given(steps, st.booleans(), st.sampled_from(["properties", "all"]))
def test_a_run_knows_what_the_server_holds_after_any_tasks(tasks: list[Any], shifts: bool, expand: Any) -> None:
    smc = begun(busy())
    smc.simulator.behaviour.set(expand=expand, renumber_changes_etags=shifts)
    with smc.run() as run:
        for title, desired, way in tasks:
            if way == "edit":
                edit(smc)
            mine = [rule(f"{title}-{identity}", log=log) for identity, log in desired]
            once = tried(run, section(title, *mine), check=way == "check")
            if way != "check" and once is None:  # somebody wrote in between: plan again on the live state
                once = tried(run, section(title, *mine))
            assert once is not None or way == "check"
            if way != "check":
                assert run.module("smc_policies", [section(title, *mine)])["operations"] == []
        (known,) = run.module("smc_policies", [], state="gathered")["gathered"]
    if not any(way == "edit" for _, _, way in tasks):
        assert known["ipv4_access"] == rules(smc)


def tried(run: SmcRun, entry: dict[str, Any], *, check: bool = False) -> Any:
    try:
        return run.module("smc_policies", [entry], check=check, **CONFIRM)
    except Conflict:
        return None


def edit(smc: SmcWorld) -> None:
    """Add a word to the first rule, as another administrator."""
    world = smc.simulator.world
    (mine,) = world.of_type("fw_policy")
    record = next((row for row in world.children(mine, "fw_ipv4_access_rule") if "sources" in row["data"]), None)
    if record is None:
        return
    where = world.path(record)
    body = smc.simulator.look(where)
    smc.simulator.edit("PUT", where, {**body, "comment": f"x {body['comment']}"[-40:]}, **{"If-Match": "*"})


def planned(smc: SmcWorld) -> Any:
    """The results of a check that would change a little."""
    desired = policy(*listed(log="stored"))
    with smc.run() as run:
        results = [
            run.module("smc_elements", [HOST, *HOSTS], check=True),
            run.module("smc_policies", [desired], check=True),
        ]
    return [[result["operations"], result["diff"]] for result in results]


@cache
def whole(kind: str) -> Any:
    """The answer of a list that gives its whole objects."""
    smc, answers = begun(made()), list[Any]()

    def keep(method: str, answer: Response) -> Response:
        if f"/{kind}?expand" in answer.url:
            answers.append(json.loads(answer.body))
        return answer

    smc.spoil = keep
    smc.simulator.behaviour.set(expand="all")
    planned(smc)
    return answers[0]


KINDS = ("host", "fw_ipv4_access_rule")


@cache
def fields(kind: str) -> list[tuple[str, ...]]:
    """The fields of the fullest object of a list."""
    fullest = max(whole(kind)["element"], key=lambda element: len(stable(element)))
    return [path for path in paths({"element": [fullest]}) if len(path) > 1]


@cache
def plainly() -> Any:
    """The plan where objects are read by themselves."""
    return planned(begun(made()))


def answered(kind: str, content: Any) -> Any:
    """The plan where a list gives this for its whole objects."""
    body, smc = json.dumps(content).encode(), idle()
    smc.spoil = lambda method, given: replace(given, body=body) if f"/{kind}?expand" in given.url else given
    return planned(smc)


@cache
def idle() -> SmcWorld:
    """A world where nothing is written."""
    smc = begun(made())
    smc.simulator.behaviour.set(expand="all")
    return smc


@examples(small=10, wide=1500)
@given(st.data())
def test_an_attribute_that_is_wrong_in_bulk_is_right_by_itself(data: Any) -> None:
    kind = data.draw(st.sampled_from(KINDS))
    change = data.draw(st.sampled_from([*ABSENT.values(), *MISTYPED.values()]))
    path, content = data.draw(st.sampled_from(fields(kind))), whole(kind)
    assert answered(kind, spoilt(content, path, change)) == plainly()


nonsense = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@examples(small=10, wide=1500)
@given(st.sampled_from(KINDS), nonsense | st.builds(lambda inner: {"element": inner}, nonsense))
def test_nonsense_in_bulk_is_as_good_as_nothing(kind: str, answer: Any) -> None:
    assert answered(kind, answer) == plainly()
