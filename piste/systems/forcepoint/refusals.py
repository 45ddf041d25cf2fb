"""Advice on refusals of the SMC, by their words.

Only the advice depends on these words, which are [belief smc.refusal_words]: any other refusal is passed on as it came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

WAYS_OUT: Mapping[str, str] = {
    r"\block|being edited|opened by": "Quelqu’un a sans doute ouvert l’objet dans le Management Client : qu’il "
    "l’enregistre et le ferme (ou faites lever son verrou), puis relancez.",
    r"approv": "Ce SMC demande que les modifications soient approuvées : qu’un administrateur qui en a le droit les "
    "approuve dans le Management Client (moteur, Pending Changes, Approve All), puis relancez l’installation.",
    r"permission|privilege|not allowed|not authori[sz]ed|forbidden": "Donnez au client d’API (Management Client, "
    "Administration, API Clients) un rôle qui le permet, sur cet objet et dans ce domaine.",
}


def way_out(status: int, why: str) -> str:
    """Advice for people on a refusal; empty where the refusal is not known."""
    reason = f"{why} forbidden" if status == 403 else why
    return next((advice for words, advice in WAYS_OUT.items() if re.search(words, reason, re.IGNORECASE)), "")
