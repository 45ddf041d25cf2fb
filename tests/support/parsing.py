"""The texts that the model parses, counted, without what a process remembers."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
import yaml

from piste.town.model import composer, source


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the parses of each text from now on."""
    parsed: Counter[str] = Counter()

    def parse(text: str, **given: object) -> object:
        parsed[text] += 1
        return yaml.parse(text, **given)

    monkeypatch.setattr(source, "_sound", {})
    monkeypatch.setattr(source, "_REMEMBERED", 0)
    monkeypatch.setattr(composer, "yaml", SimpleNamespace(**{**vars(yaml), "parse": parse}))
    return parsed
