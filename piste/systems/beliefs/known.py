"""The guard of an environment: what its writes may rest on, without a word or with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from piste.engine.converge.errors import Guarded, PisteError

if TYPE_CHECKING:
    from piste.systems.beliefs.kept import State

LAB = "lab"


class Environment(NamedTuple):
    """The beliefs as an environment knows them, looked up where a write rests on one.

    The laboratory follows them, so it confirms them for itself: there nobody is asked, unless it is `strict`.
    """

    name: str
    strict: bool = False

    def asked(self, ids: Collection[str]) -> Mapping[str, str]:
        """Give the beliefs that ask for a word. Raises `Guarded` where any is refuted, or may be."""
        from piste.systems.beliefs.form import beliefs

        if self.name == LAB and not self.strict:
            return {}
        known = self._states(ids)
        self._refuse([id_ for id_ in ids if id_ in known and known[id_].state == "refuted"], known)
        return {
            id_: _why(id_, known[id_].said if id_ in known else "")
            for id_ in ids
            if beliefs()[id_].asks and (id_ not in known or known[id_].state == "unknown")
        }

    def proven(self, ids: Collection[str], evidence: str) -> str:
        """Note the beliefs that a write has shown, where its reading back shows them."""
        from piste.systems.beliefs.form import beliefs

        shown = [id_ for id_ in ids if beliefs()[id_].check == "pilot" and not beliefs()[id_].blind]
        if not self.name or (self.name == LAB and not self.strict) or not shown:
            return ""
        from piste.readings.belief import FAILED
        from piste.systems.beliefs import kept
        from piste.systems.beliefs.answers import Verdict

        try:
            known = kept.states(self.name)
            new = {id_: Verdict("confirmed", evidence) for id_ in shown if known[id_].state == "unknown"}
            left = kept.settle(self.name, new, "pilot") if new else []
        except FAILED as error:
            return f"ce que cette écriture confirme n’est pas noté ({', '.join(shown)}) : {error}"
        return f"ce que cette écriture confirme n’est pas noté : {', '.join(left)}" if left else ""

    def _states(self, ids: Collection[str]) -> Mapping[str, State]:
        """Give the states. Raises `Guarded` where they cannot be read: one may be a refutation."""
        from piste.readings.belief import FAILED
        from piste.systems.beliefs import kept

        try:
            known = kept.states(self.name) if self.name else {}
        except FAILED as error:
            raise self._unreadable(ids, error.what if isinstance(error, PisteError) else str(error)) from error
        if doubted := [id_ for id_ in ids if id_ in known and known[id_].doubted]:
            raise self._unreadable(doubted, " ; ".join(known[id_].said for id_ in doubted))
        return known

    def _unreadable(self, ids: Collection[str], why: str) -> Guarded:
        return Guarded(
            f"rien n’est écrit de ce qui repose sur {', '.join(ids)} : ce qui l’a réfuté, ou non, ne se lit pas",
            where=self.name,
            why=why,
            todo="Remettez les lectures de cette machine (docs/constats.md), ou dites ce que vous avez vu : "
            "piste beliefs --confirm, ou --refute.",
        )

    def _refuse(self, refuted: Collection[str], known: Mapping[str, State]) -> None:
        from piste.systems.beliefs.form import beliefs
        from piste.systems.beliefs.kept import remedy

        if refuted:
            raise Guarded(
                f"rien n’est écrit de ce qui repose sur {', '.join(refuted)}, réfuté dans cet environnement",
                where=self.name,
                why=" ; ".join(f"{beliefs()[id_].belief} : réfutée {known[id_].said}" for id_ in refuted),
                todo=" ".join(remedy(beliefs()[id_]) for id_ in refuted),
            )


def _why(id_: str, said: str) -> str:
    from piste.systems.beliefs.form import beliefs

    belief = beliefs()[id_]
    undo = f" ; pour revenir : {belief.undo}" if belief.undo else ""
    doubt = f" ({said})" if said else ""
    return f"{belief.belief} : rien ne l’a confirmé ici{doubt}. {belief.how} → {belief.expected}{undo}"
