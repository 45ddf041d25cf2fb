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


def doubts(said: dict[str, Any]) -> list[str]:
    """List what axe cannot tell, but the contrast in drawings: it is measured beside."""
    return [
        f"{rule['id']} {node['target'][0]}" for rule in said["incomplete"] for node in rule["nodes"]
        if rule["id"] != "color-contrast" or "<text" not in node["html"]
    ]  # fmt: skip


_DRAWN = """() => {
  const share = (channel) => channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map((part) => share(part / 255));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const grounds = [document.body, document.documentElement].map((part) => getComputedStyle(part).backgroundColor);
  const paper = grounds.find((colour) => colour.startsWith("rgb(")) ?? "rgb(255, 255, 255)";
  const made = [];
  for (const text of document.querySelectorAll("svg text")) {
    const at = text.getBoundingClientRect();
    if (!text.checkVisibility() || !at.width) continue;
    const [x, y] = [at.x + at.width / 2, at.y + at.height / 2];
    let under = paper;
    for (const shape of text.ownerSVGElement.querySelectorAll("rect, polygon, circle, path")) {
      const box = shape.getBoundingClientRect(), fill = getComputedStyle(shape).fill;
      const after = text.compareDocumentPosition(shape) & Node.DOCUMENT_POSITION_FOLLOWING;
      const holds = box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
      if (!after && holds && fill.startsWith("rgb(")) under = fill;
    }
    const [most, least] = [light(getComputedStyle(text).fill), light(under)].sort((a, b) => b - a);
    made.push([text.textContent, (most + 0.05) / (least + 0.05)]);
  }
  return made;
}"""


def drawn_contrasts(page: Page) -> list[tuple[str, float]]:
    """Give the contrast of each text of a drawing with what is under it.

    Axe does not measure it. WCAG 2, "relative luminance" and "contrast ratio".
    """
    return [(text, ratio) for text, ratio in page.evaluate(_DRAWN)]
