"""Guard of the rules that let administration in.

Without them the firewall is out of reach, and so are the means to give them back. The rules are given by id or name;
the guard looks at what a plan does to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from piste.systems.forcepoint.references import ANY
from piste.systems.forcepoint.rule_codec import Rule
from piste.systems.forcepoint.rules import Arrangement, Live

_CELLS = ("sources", "destinations", "services")
_STOPS = {"discard", "refuse", "jump"}
"""Actions that may keep traffic from later rules: a sub-policy may refuse it."""


def lost(lives: Sequence[Live], arrangement: Arrangement, keep: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield `(key, why)` of each kept rule that is removed, weakened, or put behind a refusal."""
    before = {live.key: at for at, live in enumerate(lives)}
    after = {entry.live.key: at for at, entry in enumerate(arrangement.entries) if entry.live}
    for key in keep:
        if key not in before or lives[before[key]].rule.get("disabled"):
            continue
        if key not in after:
            yield key, "la règle laisse entrer l’administration, et disparaîtrait"
            continue
        old, new = lives[before[key]].rule, arrangement.entries[after[key]].rule
        if weakened := _weakened(old, new):
            yield key, f"la règle laisse entrer l’administration, et n’aurait plus les mêmes droits ({weakened})"
        stops = [
            entry
            for at, entry in enumerate(arrangement.entries[: after[key]])
            if _stops(entry.rule)
            and not (
                entry.live
                and before[entry.live.key] < before[key]
                and (entry.desired is None or _stops(entry.live.rule))
            )
        ]
        if stops:
            yield key, "la règle laisse entrer l’administration, et passerait après un refus ou un saut"


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
