"""Pages judged by axe: what is wrong, and what it cannot tell."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from lab.lifeline import CLOCK


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open a browser by the clock of the machine: no page asks for another, which slows it down."""
    environment = {name: value for name, value in os.environ.items() if name not in CLOCK}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"], env={**environment}
        )
        yield browser
        browser.close()


def judged(page: Page, kinds: tuple[str, ...] = ("violations", "incomplete"), **options: Any) -> dict[str, Any]:
    """Judge a page.

    Axe describes each node of these kinds alone: those that pass take a third of its time.
    """
    response: dict[str, Any] = Axe().run(page, options={"resultTypes": list(kinds), **options}).response
    return response


def violations(page: Page) -> list[str]:
    """List the rules that a page breaks."""
    return [rule["id"] for rule in judged(page, ("violations",))["violations"]]
