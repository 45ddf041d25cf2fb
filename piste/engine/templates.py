"""Long texts and configurations of a part, in the folder `templates` beside its code."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any


@cache
def page_template(name: str, *folders: Path) -> Any:
    """Load a template of HTML; every value is escaped."""
    return _load(name, folders, autoescape=True)


def fill(template: Path, **values: Any) -> str:
    """Fill a template of plain text; a value is data, and is never filled in its turn."""
    return str(_text_template(template).render(values))


@cache
def _text_template(path: Path) -> Any:
    whole = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    return _load(path.name, (path.parent,), autoescape=False, **whole)


def _load(name: str, folders: tuple[Path, ...], **options: Any) -> Any:
    # Imported here so that commands that make no document do not pay for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(loader=FileSystemLoader(folders), undefined=StrictUndefined, **options).get_template(name)
