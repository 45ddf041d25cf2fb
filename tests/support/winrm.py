"""Runs of a snippet on what a host says, without a host."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.snippets.answers import Shape
from piste.systems.windows.winrm import Session
from piste.systems.windows.winrm_access import Access


def example(shape: Shape) -> Any:
    if isinstance(shape, dict):
        return {name.removesuffix("?"): example(inner) for name, inner in shape.items()}
    return [example(shape[0])] if isinstance(shape, list) else shape()


def said(snippet: str, out: bytes, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give what a snippet's run makes of what a host writes."""
    session = Session(Access("svc", "secret"), "hdv-nps1.ville.example")
    monkeypatch.setattr(session, "_start", lambda snippet, text: ("1", text))
    monkeypatch.setattr(session, "_give", lambda *arguments, **options: None)
    monkeypatch.setattr(session, "_output", lambda command: (out, b""))
    return session.run(snippet)
