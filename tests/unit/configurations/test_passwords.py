"""A night without what people wrote by mistake: their passwords."""

from __future__ import annotations

from pathlib import Path

from piste.exports.configurations.home import Home
from tests.unit.configurations.test_configurations import NIGHTS, home, night

__all__ = ["home"]


def test_a_password_that_somebody_wrote_stays_out_of_the_history_and_the_rest_is_kept(
    home: Home, tmp_path: Path
) -> None:
    night(home, tmp_path, NIGHTS[0])
    queue = {"name": "imp1", "comment": "Copieur du hall, mdp : Bourget2026!"}
    given = {"printing/print_queues": {"print_queues": [queue]}, "firewall/policies": {"policies": []}}
    kept = night(home, tmp_path, NIGHTS[1], **given)
    assert "printing/print_queues.yml : écarté, mot de passe écrit en clair" in kept.message
    assert [(each.thing.domain, each.action) for each in kept.differences] == [("firewall", "delete")]
    last = home.nights()[-1]
    assert not any(b"Bourget2026!" in last.repository.content(id_) for id_ in last.files.values())
