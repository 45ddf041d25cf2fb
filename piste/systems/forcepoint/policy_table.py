"""Table of policies, sub-policies, templates, of file filtering too, with their lists.

An entry of `config` is about a whole policy, about one of its sections, or about the rules whose ids have a given
prefix: several owners share a policy, and none touches the rules of another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from piste.engine.converge.resource import Field, Resource
from piste.engine.converge.spec import REHEARSE
from piste.systems.forcepoint.references import reference
from piste.systems.forcepoint.rule_table import ID, LISTS, fields

_LISTS = tuple(name for name in LISTS if name != "files")
TYPES: Mapping[str, tuple[str, ...]] = {
    "file_filtering_policy": ("files",),
    "sub_ipv4_fw_policy": ("ipv4_access",),
    "sub_ipv6_fw_policy": ("ipv6_access",),
    "fw_template_policy": _LISTS,
    "fw_policy": _LISTS,
}
"""Lists of each type, in the order in which policies are created."""

WHOLE, SECTION, RULES = "whole", "section", "rules"


def scope(text: str) -> str:
    """Normalise a scope, `whole`, `section:Site ecole-jaures` or `rules:jaures-`.

    Raises `ValueError`.
    """
    kind, _, of = text.partition(":")
    if text == WHOLE or (kind == SECTION and of.strip() and "/" not in of) or (kind == RULES and ID.fullmatch(of)):
        return f"{kind}:{of.strip()}" if of else kind
    raise ValueError(text)


def _ref(name: str, doc: str) -> Field:
    return Field(name, f"{doc}, C(type/name).", wire=name, nullable=True, default=None, normalise=reference)


POLICIES = Resource(
    system="smc",
    name="policy",
    doc="Politique de pare-feu",
    key=("type", "scope", "name"),
    known=frozenset({"key", "system", "read_only", "locked", "trashed", "admin_domain", "etag", "system_key", "link"}),
    fields=(
        Field("name", "Name of the policy.", required=True, maximum=255),
        Field("type", "Kind of policy.", choices=tuple(TYPES), required=True),
        Field(
            "scope",
            "What of the policy the entry is about. C(whole): all of it, in that order, and nothing else; "
            "C(section:NAME): the rules under that header, which is made where it lacks; C(rules:PREFIX): the rules "
            "whose id begins so, wherever they are.",
            required=True,
            normalise=scope,
        ),
        Field(
            "before",
            "Section before which a new section, or the first of the owned rules, is put. Without it, at the end.",
            path_only=True,
        ),
        Field("comment", "Comment of the policy; null clears it.", nullable=True, default=None, minimum=1),
        _ref("template", "Template on which it stands"),
        _ref("inspection_policy", "Inspection policy"),
        _ref("file_filtering_policy", "File filtering policy"),
        *(Field(entry.name, entry.doc, type="list", of=fields(entry.cells), part=entry) for entry in LISTS.values()),
    ),
)

OPTIONS = (
    Field(
        "adopt",
        "Also write into the comments the ids by which rules without one are called, and take an unnamed rule for the "
        "declared one of the same content.",
        type="bool",
        default=False,
    ),
    Field(
        "keep",
        "Ids or names of the rules that let administration in: removing or weakening one, or putting it behind a "
        "refusal, asks for a word.",
        type="list",
        default=[],
    ),
    REHEARSE,
)

OF_THE_WHOLE = ("comment", "template", "inspection_policy", "file_filtering_policy")
"""Fields that only an entry about the whole policy may have."""


def label(item: Mapping[str, Any]) -> str:
    """Name of an entry for people: the policy, and the part that the entry is about."""
    kind, _, of = str(item.get("scope", WHOLE)).partition(":")
    about = {SECTION: f" [{of}]", RULES: f" [règles {of}…]"}.get(kind, "")
    return f"{item.get('name', '')}{about}"


def each_rule(item: Any, change: Callable[[Any, str], Any]) -> Any:
    """Apply `change` to each rule of an item; it takes the rule and the name of its list."""
    if not isinstance(item, Mapping):
        return item
    return {
        name: [change(rule, name) for rule in value] if name in LISTS and isinstance(value, list) else value
        for name, value in item.items()
    }


_TAG = re.compile(r"\s*\[id:(?P<id>[^\]\s]+)\]\s*")


def split_id(comment: str) -> tuple[str, str]:
    """Split a comment into its text and the id of its `[id:…]`, empty where there is none."""
    match = _TAG.search(comment)
    if not match or not ID.fullmatch(match["id"]):
        return comment.strip(), ""
    parts = (comment[: match.start()].strip(), comment[match.end() :].strip())
    return " ".join(part for part in parts if part), match["id"]


def with_id(comment: str, identity: str) -> str:
    return " ".join(part for part in (comment, f"[id:{identity}]" if identity else "") if part)
