"""The settings under which a whole directory is restored: never those of its backup."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from piste.trials.restore import directory
from piste.trials.restore.directory import RESTORED, WholeDirectory
from piste.trials.restore.enclosed import TREE
from piste.trials.restore.method import Context, Thing
from tests.support.restores import TEST


class Noted:
    """An enclosure that notes what it would run, and the things that are known at that moment."""

    known: list[Thing]

    def __init__(self, mark: str, name: str, server: list[str], log: Path) -> None:
        assert self.known == [Thing("enclosure", mark)], "noted before it is made"
        self.server, self.ran = server, list[tuple[str, ...]]()

    def run(self, *words: str) -> str:
        self.ran.append(words)
        return ""


def test_a_restore_is_configured_by_our_settings_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """tests/integration/test_restore_directory.py restores a poisoned backup, as a story."""
    known: list[Thing] = []
    monkeypatch.setattr(Noted, "known", known, raising=False)
    monkeypatch.setattr(directory, "Enclosed", Noted)

    def expect(thing: Thing) -> Thing:
        known.append(thing)
        return thing

    kept: dict[str, Any] = {"file": tmp_path / "sauvegarde.tar.bz2", "realm": "ad.lebourget.example"}
    context = Context("lab", TEST, {}, {}, tmp_path, (), lambda: datetime.now(UTC), expect, kept=kept)
    WholeDirectory().restore(context)
    enclosed: Any = kept["enclosed"]
    written = {words[2].partition(">")[2]: words[4] for words in enclosed.ran if words[:2] == ("sh", "-c")}
    assert "panic action" not in written[f"{TREE}/smb.conf"]
    assert " realm = AD.LEBOURGET.EXAMPLE\n" in written[f"{TREE}/smb.conf"]
    [restore] = [words for words in enclosed.ran if words[0] == "samba-tool"]
    assert restore[:4] == ("samba-tool", "domain", "backup", "restore")
    assert [word for word in restore if word.startswith("--configfile")] == [f"--configfile={TREE}/smb.conf"]
    assert f"--option=log file={TREE}/log.%m" in enclosed.server
    assert f"--configfile={RESTORED}/etc/smb.conf" in enclosed.server
