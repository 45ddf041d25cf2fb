"""The hand-over of the supervision: an empty Zabbix becomes the same, without Piste."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.systems.zabbix.handover import CALLS, PROGRAM, handover
from piste.systems.zabbix.intent import zabbix_intent
from tests.support.zabbix import KINDS, Watched, watched

pytestmark = pytest.mark.story

OWNERS = ("commune", "ecole-jaures")


def state(zabbix: Watched) -> dict[str, Any]:
    """All that Piste reads, and the triggers of each host, by name."""
    output = ["description", "expression", "priority", "status"]
    triggers = zabbix.api("trigger.get", {"output": output, "selectHosts": ["host"], "expandExpression": 1})
    said = sorted(
        (host["host"], trigger["description"], trigger["expression"], trigger["priority"], trigger["status"])
        for trigger in triggers
        for host in trigger["hosts"]
    )
    return {**{kind: zabbix.run(kind, [], state="gathered")["gathered"] for kind in KINDS}, "triggers": said}


def test_an_empty_zabbix_becomes_the_same_with_plain_python(tmp_path: Path) -> None:
    with watched(tmp_path) as zabbix:
        town = declared_town()
        zabbix.secrets |= dict.fromkeys(town.secret_paths(), "Un-secret-de-lecture-9")
        owners: dict[str, Mapping[str, Any]] = {"commune": town.commune, **town.sites}
        for owner in OWNERS:
            intent = zabbix_intent(owners[owner])  # type: ignore[arg-type]
            for kind in KINDS:
                zabbix.run(kind, intent[kind], owner=owner)
        before, client = state(zabbix), zabbix.client()
        files = handover(client)
        client.close()
        bag = tmp_path / "bag"
        bag.mkdir()
        for name, content in files.items():
            (bag / name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        assert "Un-secret" not in "".join(path.read_text("utf-8") for path in bag.iterdir())
        assert len(before["triggers"]) > 100
        zabbix.reset()
        assert len(state(zabbix)["hosts"]) == 0
        for said in (f"{len(files[CALLS])} objets", "0 objets"):
            imported = subprocess.run(
                [sys.executable, "-I", str(bag / PROGRAM), zabbix.connection["url"], zabbix.connection["ca_file"]],
                env={**os.environ, "ZABBIX_TOKEN": zabbix.connection["token"]},
                capture_output=True,
                text=True,
                check=False,
            )
            assert (imported.returncode, imported.stderr) == (0, ""), imported
            assert said in imported.stdout
        assert state(zabbix) == before
