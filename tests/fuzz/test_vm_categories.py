"""The categories of a machine become those wanted, whatever is live; no other is touched."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piste.systems.nutanix import vm_categories
from tests.support.fuzz import examples

IDS = st.sets(st.sampled_from("abcdefgh"))


class Machine:
    """A Prism Central of one machine: its actions change categories.

    Each action wants the ETag of the last answer.
    """

    host = "prism.invalid"

    def __init__(self, categories: set[str]) -> None:
        self.categories, self.version = set(categories), 0
        self.order: list[str] = []

    def read(self, *_: Any) -> tuple[dict[str, Any], str]:
        document: dict[str, Any] = {"categories": [{"extId": ext_id} for ext_id in sorted(self.categories)]}
        return (document if self.categories else {}), str(self.version)

    def write(self, method: str, collection: Any, *parts: str, body: Any, etag: str) -> str:
        assert etag == str(self.version), "a stale ETag is refused"
        given_ids = {category["extId"] for category in body["categories"]}
        assert given_ids, "an empty body is refused"
        self.order.append(parts[-1])
        self.categories = self.categories | given_ids if parts[-1][0] == "a" else self.categories - given_ids
        self.version += 1
        return f"task-{self.version}"


@examples(small=10, wide=2000)
@given(IDS, IDS, IDS)
def test_a_machine_ends_with_its_goal_and_never_has_less_than_both(
    live: set[str], desired: set[str], marks: set[str]
) -> None:
    machine = Machine(live)
    goal = live - marks | desired
    for task in vm_categories.rearrange(machine, "id", lambda document: vm_categories.ids(document) - marks | desired):  # type: ignore[arg-type]
        assert str(task).startswith("task-")
        assert machine.categories >= live & goal
    assert machine.categories == goal
    assert len(machine.order) <= 2
    assert machine.order == sorted(machine.order)  # what comes before what goes
