"""A whole directory from a backup of a real controller, without the settings of the backup."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from piste.trials.restore.directory import RESTORED, WholeDirectory
from piste.trials.restore.enclosed import obstacle
from piste.trials.restore.run import Given, run
from tests.support.restores import KEY, TEST
from tests.support.samba import Domain

WHOLE = {**TEST, "name": "annuaire", "method": "directory", "set": "annuaire", "rpo_hours": None}
SETTINGS = "etc/smb.conf"

pytestmark = [
    pytest.mark.story,  # unit/restore/test_whole_directory.py says it of the commands alone
    pytest.mark.skipif(bool(obstacle(("samba", "samba-tool", "bash"))), reason="nothing can be enclosed here"),
]


def poisoned(backup: Path, orders: str) -> None:
    """Add orders to the settings of a backup, as anybody may who writes in its folder."""
    with tarfile.open(backup) as archive:
        members = [(member, archive.extractfile(member)) for member in archive.getmembers()]
        content = [(member, stream.read() if stream else b"") for member, stream in members]
    with tarfile.open(backup, "w:bz2") as archive:
        for member, raw in content:
            if member.name.removeprefix("./") == SETTINGS:
                raw = raw.replace(b"[global]", b"[global]\n" + orders.encode(), 1)
                member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))


def test_a_directory_comes_back_without_the_settings_of_its_backup(
    domain_of_module: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISTE_RESTORES_DIR", str(tmp_path / "restores"))
    backup = domain_of_module.controller.back_up(tmp_path / "backups")
    log = tmp_path / "journal-du-poste"
    poisoned(backup, f"\tpanic action = /bin/sh -c 'touch {log}'\n\tlog file = {log}\n\tlog level = 10\n")
    seen: list[str] = []
    probe = WholeDirectory.probe

    def look(self: WholeDirectory, context: Any) -> Any:
        seen.append(context.kept["enclosed"].run("cat", f"{RESTORED}/{SETTINGS}"))
        return probe(self, context)

    monkeypatch.setattr(WholeDirectory, "probe", look)
    own = {"directory_backups": str(backup.parent)}
    given = Given("lab", secrets=KEY, options={"domain": domain_of_module.option, "own": own})
    result, _ = run(WHOLE, given)  # type: ignore[arg-type]
    assert (result.outcome, result.reason, result.left) == ("proven", "", [])
    [settings] = seen
    assert "panic action" not in settings
    assert "log file" not in settings
    assert "sysvol" in settings
    assert not log.exists()
