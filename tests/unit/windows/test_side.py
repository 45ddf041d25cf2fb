"""One side of a GPO as a whole: what of its announced extensions is left to nobody."""

from __future__ import annotations

from piste.windows.gpo import extensions
from piste.windows.gpo.extensions import REGISTRY, TEMPLATES
from piste.windows.gpo.foreign import EXTENSIONS, encoded
from piste.windows.gpo.part import Pair
from piste.windows.gpo.registry_pol import make
from piste.windows.gpos import PARTS
from tests.unit.windows.support import NOBODY, side


def foreign(*pairs: Pair, holds: bool = True) -> dict[str, str]:
    """What is foreign in a side that announces these extensions, and holds one value of the registry or nothing."""
    content = side(*([make("Software\\Ville", "Un", "dword", 1)] if holds else []))
    content.pairs = frozenset(pairs)
    found: dict[str, str] = PARTS.read(content, NOBODY).get("foreign", {})
    return found


def test_an_extension_announced_without_a_tool_says_nothing_beside_content_that_has_one() -> None:
    """As ``samba-tool gpo load`` announces the registry's; an attribute cannot say it with a tool and without."""
    bare, whole = Pair(REGISTRY, ""), Pair(REGISTRY, TEMPLATES["computer"])
    assert extensions.parse(extensions.format_pairs({bare, whole})) == {whole}
    assert foreign(bare) == foreign(whole) == {}


def test_what_no_content_asks_for_stays_foreign() -> None:
    bare, other = Pair(REGISTRY, ""), Pair(REGISTRY, "0F6B957E-509E-11D1-A7CC-0000F87571E3")
    assert foreign(bare, holds=False) == {EXTENSIONS: encoded(f"[{{{REGISTRY}}}]".encode())}
    assert foreign(other) == {EXTENSIONS: encoded(f"[{{{REGISTRY}}}{{{other.tool}}}]".encode())}
