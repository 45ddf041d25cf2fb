"""The copy that a test restores: its choice, and every reason not to restore it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from piste.readings.protection.copies import Copy
from piste.town.model.restores import RestoreTest

_STATES = {"failed": "la copie a échoué", "unknown": "l’état de la copie n’est pas connu"}


def faults(test: RestoreTest, copy: Copy | None, now: datetime) -> Iterator[str]:
    """List what forbids to restore a copy: not whole, too old for its RPO, of the future."""
    if copy is None:
        return
    where = f"{copy['id']} ({copy['store']})"
    if copy["state"] in _STATES:
        yield f"{where} : {_STATES[copy['state']]}"
    age = now - datetime.fromisoformat(copy["taken_at"])
    if age < timedelta(minutes=-5):
        yield f"{where} est daté du futur ({copy['taken_at']}) : les horloges ne sont pas d’accord"
    if test["rpo_hours"] and age > timedelta(hours=test["rpo_hours"]):
        hours = round(age.total_seconds() / 3600)
        yield f"{where} a {hours} heures, plus que les {test['rpo_hours']} de son RPO : une copie plus fraîche manque"
