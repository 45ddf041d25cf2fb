"""Side of a GPO as a whole: the announced extensions that stay foreign."""

from __future__ import annotations

from piste.systems.windows.gpo import extensions
from piste.systems.windows.gpo.extensions import REGISTRY, TEMPLATES
from piste.systems.windows.gpo.foreign import EXTENSIONS, encoded
from piste.systems.windows.gpo.part import Pair
from piste.systems.windows.gpo.registry_pol import make
from piste.systems.windows.gpos import PARTS
from tests.unit.windows.support import NOBODY, side


def foreign(*pairs: Pair, holds: bool = True) -> dict[str, str]:
    """Read the foreign content of a side with these extensions, and a registry value or nothing."""
    content = side(*([make("Software\\Ville", "Un", "dword", 1)] if holds else []))
    content.pairs = frozenset(pairs)
    entries: dict[str, str] = PARTS.read(content, NOBODY).get("foreign", {})
    return entries


def test_an_extension_announced_without_a_tool_adds_nothing_to_a_pair_with_a_tool() -> None:
    """`samba-tool gpo load` announces the registry so; an attribute cannot hold both forms."""
    bare, whole = Pair(REGISTRY, ""), Pair(REGISTRY, TEMPLATES["computer"])
    assert extensions.parse(extensions.format_pairs({bare, whole})) == {whole}
    assert foreign(bare) == foreign(whole) == {}


def test_what_no_content_asks_for_stays_foreign() -> None:
    bare, other = Pair(REGISTRY, ""), Pair(REGISTRY, "0F6B957E-509E-11D1-A7CC-0000F87571E3")
    assert foreign(bare, holds=False) == {EXTENSIONS: encoded(f"[{{{REGISTRY}}}]".encode())}
    assert foreign(other) == {EXTENSIONS: encoded(f"[{{{REGISTRY}}}{{{other.tool}}}]".encode())}
