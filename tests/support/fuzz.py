"""The number of examples of a fuzz test: few and fixed in `make test`, many in `make fuzz`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

WIDE = bool(os.environ.get("PISTE_FUZZ"))
"""True under `make fuzz`."""


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
