"""The page about addresses, names and ways: the model takes its declarations."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from piste.town.model.variables import LEVEL_OF, adapter
from tests.unit.repository.tree import ROOT

PAGE = (ROOT / "docs/adresses-et-noms.md").read_text("utf-8")
BLOCKS: list[dict[str, Any]] = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: ", ".join(block))
def test_what_the_page_declares_is_taken(block: dict[str, Any]) -> None:
    assert block.keys() <= LEVEL_OF.keys()
    for name, value in block.items():
        adapter(name).validate_python(value)


def test_the_entries_written_in_a_sentence_are_taken() -> None:
    entries = {name: re.search(pattern, PAGE) for name, pattern in {
        "routes": r"`(\{network: .*\})`", "records": r"`(\{name: site.*\})`",
    }.items()}  # fmt: skip
    assert all(entries.values())
    route, record = (yaml.safe_load(match[1]) for match in entries.values() if match)
    routing = next(block["routing"] for block in BLOCKS if "routing" in block)
    adapter("routing").validate_python({**routing, "routes": [route]})
    adapter("dns").validate_python({"servers": ["hdv-dc1"], "records": [record]})
