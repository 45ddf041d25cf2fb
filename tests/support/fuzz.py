"""Draws of a test: few and fixed in `make test`, many in `make stories`, `make fuzz`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

WIDE = bool(os.environ.get("PISTE_FUZZ"))
"""True under `make stories` and `make fuzz`; a test that asks has the mark `drawn`."""


def examples(small: int, wide: int) -> Callable[[Any], Any]:
    """Settings of a fuzz test: `small` derandomised examples, or `wide` random examples.

    No example is timed.
    """
    return settings(
        max_examples=wide if WIDE else small,
        derandomize=not WIDE,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
