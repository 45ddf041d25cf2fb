"""Templates of texts: their values are data, and what is missing is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from piste.engine.templates import fill, page_template


def test_a_value_is_never_filled_in_its_turn(tmp_path: Path) -> None:
    (tmp_path / "text.j2").write_text("{% for line in lines %}\n  {{ line }}\n{% endfor %}\nend\n", "utf-8")
    assert fill(tmp_path / "text.j2", lines=["{{ 7 * 7 }}", "<b>&", "%{User-Name}"]) == (
        "  {{ 7 * 7 }}\n  <b>&\n  %{User-Name}\nend\n"
    )


def test_a_missing_value_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text.j2").write_text("{{ absent }}", "utf-8")
    with pytest.raises(UndefinedError):
        fill(tmp_path / "text.j2")


def test_a_page_escapes_its_values(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ value }}", "utf-8")
    assert page_template("page.html", tmp_path).render(value="<b>") == "&lt;b&gt;"
