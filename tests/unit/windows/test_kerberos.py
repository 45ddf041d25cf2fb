"""Needs of Kerberos on the workstation, before any request."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from piste.engine.converge.errors import Misused
from piste.engine.transport.shared import VARIABLE
from piste.systems.windows.kerberos import Kerberos

ACCOUNT = Kerberos("svc-piste@ad.ville.example", "mot-de-passe", kdc="127.0.0.251")


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


@pytest.mark.parametrize("package", ["gssapi", "krb5", "spnego"])
def test_without_its_packages_it_is_refused_by_the_way_to_get_them(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(Misused, match=r"scripts/bootstrap\.sh kerberos"), ACCOUNT.ready():
        pass


def test_a_file_of_keys_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "svc.keytab"
    file.write_bytes(b"\x05\x02")
    file.chmod(0o640)
    with pytest.raises(Misused, match="0600"), Kerberos(ACCOUNT.username, keytab=str(file)).ready():
        pass


def test_the_settings_of_the_machine_are_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kerberos, "_take", lambda self: None)
    monkeypatch.setenv("KRB5_CONFIG", "/etc/de-la-machine.conf")
    with ACCOUNT.ready():
        ours, _, theirs = os.environ["KRB5_CONFIG"].partition(":")
        assert "kdc = 127.0.0.251" in Path(ours).read_text(encoding="utf-8")
        assert theirs == "/etc/de-la-machine.conf"
    assert os.environ["KRB5_CONFIG"] == "/etc/de-la-machine.conf"


def test_a_password_shows_nowhere() -> None:
    assert "mot-de-passe" not in repr(ACCOUNT) + ACCOUNT.cache
