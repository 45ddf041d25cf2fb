"""The text of a PDF, read by a library that is not ours: pymupdf, which comes with outloud."""

from __future__ import annotations


def texts(content: bytes) -> list[str]:
    """Read the text of each page of a PDF."""
    # Its import loads models and starts threads: a process that collects tests, and forks, has neither.
    import pymupdf

    with pymupdf.open(stream=content) as pdf:
        return [page.get_text() for page in pdf]
