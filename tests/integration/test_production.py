"""From `piste init production` to a saved plan, on the Dashboard of the lab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from piste.commands.output import EXIT
from piste.commands.production import vault
from tests.support.checkouts import checkout, working_in
from tests.support.playbooks import console
from tests.support.terminal import Terminal

SITE = "cimetiere"
PRODUCTION = ("--environment", "production")


def test_what_init_writes_leads_to_a_sealed_plan_and_to_no_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "password").write_text("motdepasse-du-coffre", "utf-8")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "password"))
    password = {"ANSIBLE_VAULT_PASSWORD_FILE": str(tmp_path / "password")}
    clone = checkout(tmp_path / "clone", opened={SITE})
    with working_in(clone), console(tmp_path) as opened:
        terminal, reached = Terminal(opened), opened.lab.info
        answers = {"domain": "ad.ville.fr", "dashboard": reached["meraki"]["url"], "dashboard_ca": reached["ca_file"]}
        given = [word for key, value in answers.items() for word in ("--set", f"{key}={value}")]
        made = terminal.piste("init", "production", *given, "--yes", **password)
        assert made.code == 0, made.out + made.err

        # Without a key, the Dashboard is unknown and hears nothing.
        plan = ("plan", SITE, "--domain", "network", *PRODUCTION)
        said = terminal.piste(*plan, together=True, **password)
        assert said.code == EXIT["unknown"], said.out
        assert "aucun secret n’est donné pour s’y connecter" in said.out
        assert opened.lab.calls.as_list() == []

        view = [str(Path(sys.executable).with_name("ansible-vault")), "view", str(clone / vault.VAULT)]
        text = subprocess.run(view, capture_output=True, check=True, text=True, env=dict(os.environ)).stdout
        key = "vault_piste_meraki_api_key: "
        vault.seal(text.replace(f"{key}null", f"{key}{reached['meraki']['api_key']}"), clone)
        said = terminal.piste(*plan, together=True, **password)
        assert said.code == EXIT["changes"], said.out
        assert "Enregistré : " in said.out
        # The windows count here, whatever the hour of the test.
        assert "\nÉcriture permise maintenant, jusqu’à " in said.out or "\nPas d’écriture maintenant : " in said.out
        assert terminal.writes == []

        # Meraki alone: what it shows of the beliefs, and no other system is asked.
        asked = terminal.piste("beliefs", "meraki", "--check", "--format", "json", *PRODUCTION, **password)
        assert asked.code == EXIT["ok"], asked.out + asked.err
        known = {entry["id"]: (entry["state"], entry["version"]) for entry in json.loads(asked.out)["beliefs"]}
        assert known["meraki.writers"] == ("confirmed", "v1")
        assert {call["system"] for call in opened.lab.calls.as_list()} == {"meraki"}
        assert terminal.writes == []

        outside = ("--outside-window", "Essai : la fenêtre n’est pas le sujet")
        said = terminal.piste("apply", said.plan_id, "--yes", *outside, together=True, **password)
        assert said.code == EXIT["refused"], said.out
        assert "PISTE-E035 " in said.out
        assert "group_vars/all/administration.yml" in said.out
        assert terminal.writes == []
