"""Accounts as systems show them, for tests of what is made of them."""

from __future__ import annotations

from typing import Any


def live(name: str, **facts: Any) -> Any:
    """Give an account in use, with a second factor and some rights."""
    usual = {
        "other_names": [], "whole": False, "person": True, "reads": False, "active": True, "roles": [], "mfa": True,
        "used_at": "2026-11-30T08:00:00+00:00", "key_from": None, "ends": None,
    }  # fmt: skip
    return {"name": name, **usual, **facts}
