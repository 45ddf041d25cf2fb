"""A lab on a machine without rsyslog goes without, and says what to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.instance import Lab


def test_a_machine_without_rsyslog_goes_without(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("lab.rsyslog.server._COMMANDS", ("rien-de-tel",))
    with Lab("empty", collector=True, others=(), folder=tmp_path) as lab:
        assert "rsyslog" not in lab.info
        assert "apt-get install --no-install-recommends rsyslog rsyslog-gnutls" in lab.info["absent"]["rsyslog"]
