"""A replay runs no text of a changed export: refused where unmarked, literal where marked."""

from __future__ import annotations

from pathlib import Path

from piste.engine.converge.text import as_declaration
from tests.support.playbooks import console

ATTACKS = ("{{ lookup('ansible.builtin.pipe', 'touch %s; echo Copieur') }}", "{{ piste_secrets | to_json }}")


def test_the_texts_of_an_export_are_never_evaluated(tmp_path: Path) -> None:
    proof, folder = tmp_path / "fait", tmp_path / "sac/firewall"
    folder.mkdir(parents=True)
    comments = [attack.replace("%s", str(proof)) for attack in ATTACKS]
    elements = [
        {"name": f"copieur-{rank}", "type": "host", "address": f"192.0.2.{rank}", "comment": comment}
        for rank, comment in enumerate(comments, 1)
    ]
    marked = as_declaration({"elements": elements})
    (folder / "elements.yml").write_text(marked.replace("!unsafe ", ""), encoding="utf-8")
    (folder / "policies.yml").write_text("policies: []\n", encoding="utf-8")
    replay = ("playbooks/replay_firewall.yml", "-e", f"folder={folder.parent}", "-vvv")
    with console(tmp_path) as opened:
        refused = opened.play(*replay)
        assert refused.code == 2
        assert "PISTE-E082" in refused.said
        assert "firewall/elements.yml:5 : texte que Jinja évaluerait" in refused.said.replace("\\n", "\n")
        assert opened.lab.calls.writes() == []
        (folder / "elements.yml").write_text(marked, encoding="utf-8")
        assert opened.play(*replay).code == 0
        world = opened.lab.systems["smc"].simulator.world
        written = {element["data"]["name"]: element["data"].get("comment") for element in world.of_type("host")}
    assert [written[f"copieur-{rank}"] for rank in (1, 2)] == comments
    assert not proof.exists()
