"""A tenant made of the answers of a real tenant: lists, their pages joined, and refusals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from lab.beyond import Captured

type Json = dict[str, Any]
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z")
_OF_PAGES = frozenset({"$top", "$skiptoken", "$skip"})


def question(path: str, query: Mapping[str, str]) -> str:
    """Name a question, whatever its page and its moment."""
    asked = {name: _MOMENT.sub("", value) for name, value in query.items() if name not in _OF_PAGES}
    return f"{path}?{urlencode(sorted(asked.items()))}"


def tenant_of(answers: Iterable[Captured]) -> tuple[dict[str, Json], list[str]]:
    """Build what a tenant answers again, by question; list the lines of what is there in part.

    An answer has the `items` of a list, an `object`, or the `status` of a refusal and its words (`error`).
    """
    tenant: dict[str, Json] = {}
    whole = set[str]()
    for answer in answers:
        asked, content = question(answer.path, dict(answer.query)), answer.answer
        if answer.status != 200:
            words = content.get("error") if isinstance(content, dict) else None
            tenant[asked] = {"status": answer.status or 503, "error": words if isinstance(words, dict) else {}}
        elif "value" in content:
            tenant.setdefault(asked, {"items": []})["items"] += map(dict, content["value"])
            # A list that is asked for its newest item alone is whole with it.
            more = "@odata.nextLink" in content and ("$top", "1") not in answer.query
            whole |= set() if more else {asked}
        else:
            tenant[asked] = {"object": {name: item for name, item in content.items() if name != "@odata.context"}}
    lacking = (asked for asked, kept in tenant.items() if "items" in kept and asked not in whole)
    return tenant, [f"{asked} : des pages manquent" for asked in lacking]
