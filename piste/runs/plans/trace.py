"""The record of the passes of this command: what it lacks, who lets it lack."""

from __future__ import annotations

LOST: list[str] = []
"""Warnings of the passes without a whole record: the command says them, and does not succeed."""
WAIVED: dict[str, str] = {}
"""The variable that lets the passes write without a record: a person, and why."""
