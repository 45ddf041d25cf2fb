"""A withdrawal is a saved plan: applied, its paper written, its accesses given back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.support.playbooks import console
from tests.support.terminal import Terminal


def test_a_leaver_goes_by_a_plan_and_comes_back_by_its_undo(tmp_path: Path) -> None:
    with console(tmp_path) as terminal:
        # The systems that are not here have no say in this departure: its paper is partial.
        given = {"ANSIBLE_SKIP_TAGS": "directory,hosting,supervision,inventory,access,printing,addressing"}

        def piste(*words: str, code: int) -> str:
            said = Terminal(terminal).piste(*words, **given, PISTE_OPERATOR="Claire Diallo")
            assert said.code == code, said.out + said.err
            return said.out + said.err

        admins: dict[str, Any] = terminal.lab.meraki.world.data
        left = piste("accounts", "withdraw", "*prestataire*", "--yes", "--out", str(tmp_path), code=5)
        assert "3 opérations appliquées sur 3" in left
        assert "? Prism Central : n’a pas répondu" in left
        assert admins["admins_removed"] == ["3", "4"]
        (paper,) = tmp_path.glob("comptes/pv-retrait-acces-*.json")
        content = json.loads(paper.read_text())["content"]
        assert (content["who"], content["whole"]) == ("*prestataire*", False)
        assert content["operator"].startswith("Claire Diallo")
        plan = Path(re.findall(r"Enregistré : (\S+)", left)[0]).stem
        undone = piste("undo", plan, code=2)
        assert undone.count("invite de nouveau") == 2
        given_back = piste("apply", re.findall(r"piste apply (\S+)", undone)[-1], "--yes", code=0)
        assert "3 opérations appliquées sur 3" in given_back
        assert [(admin["orgAccess"], admin["email"]) for admin in admins["admins_invited"]] == [
            ("read-only", "astreinte@prestataire.invalid"), ("full", "exploitation@prestataire.invalid"),
        ]  # fmt: skip
