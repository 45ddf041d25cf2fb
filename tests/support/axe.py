"""Pages judged by axe: what is wrong, and what it cannot tell."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def judged(page: Page, kinds: tuple[str, ...] = ("violations", "incomplete"), **options: Any) -> dict[str, Any]:
    """Judge a page.

    Axe describes each node of these kinds alone: those that pass take a third of its time.
    """
    response: dict[str, Any] = Axe().run(page, options={"resultTypes": list(kinds), **options}).response
    return response


def violations(page: Page) -> list[str]:
    """List the rules that a page breaks."""
    return [rule["id"] for rule in judged(page, ("violations",))["violations"]]
