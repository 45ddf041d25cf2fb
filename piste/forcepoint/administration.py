"""The rules that let administration in: whoever loses them loses the firewall, and with it the means to give them back.

Which ones they are is data, ids or names of rules; what is looked at is what a plan does to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from piste.forcepoint.references import ANY
from piste.forcepoint.rule_codec import Rule
from piste.forcepoint.rules import Arrangement, Live

_CELLS = ("sources", "destinations", "services")
_STOPS = {"discard", "refuse", "jump"}
"""What may keep traffic from the rules after: a sub-policy may refuse it."""


def lost(lives: Sequence[Live], arrangement: Arrangement, keep: Iterable[str]) -> Iterator[tuple[str, str]]:
    """``(key, why)`` of each rule to keep that the arrangement removes, weakens, or puts behind a refusal."""
    before = {live.key: at for at, live in enumerate(lives)}
    after = {one.live.key: at for at, one in enumerate(arrangement.entries) if one.live}
    for key in keep:
        if key not in before or lives[before[key]].rule.get("disabled"):
            continue
        if key not in after:
            yield key, "la règle laisse entrer l'administration, et disparaîtrait"
            continue
        old, new = lives[before[key]].rule, arrangement.entries[after[key]].rule
        if weakened := _weakened(old, new):
            yield key, f"la règle laisse entrer l'administration, et n'aurait plus les mêmes droits ({weakened})"
        stops = [
            one
            for at, one in enumerate(arrangement.entries[: after[key]])
            if not (one.live and before[one.live.key] < before[key] and (one.wanted is None or _stops(one.live.rule)))
            and _stops(one.rule)
        ]
        if stops:
            yield key, "la règle laisse entrer l'administration, et passerait après un refus ou un saut"


def _weakened(old: Rule, new: Rule) -> str:
    if new.get("disabled"):
        return "désactivée"
    if new.get("action") != old.get("action"):
        return "action"
    narrower = [
        name for name in _CELLS if ANY not in new.get(name, ()) and not set(old.get(name, ())) <= set(new.get(name, ()))
    ]
    return ", ".join(narrower)


def _stops(rule: Rule) -> bool:
    return bool(_STOPS & set(rule.get("action", ()))) and not rule.get("disabled")
