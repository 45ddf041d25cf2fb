"""Remarks on a declared GPO: a profile that signs on with the password of the session."""

from typing import Any

import pytest

from piste.systems.windows.gpo.remarks import remarks
from piste.systems.windows.gpos import Gpos

PEAP = {"auth_mode": "user", "eap": "peap"}


@pytest.mark.parametrize(
    ("profile", "remarked"),
    [
        (PEAP, True),
        ({**PEAP, "windows_logon": True, "inner": "mschapv2"}, True),
        ({**PEAP, "windows_logon": False}, False),
        ({**PEAP, "inner": "tls"}, False),
        ({"auth_mode": "machine", "eap": "tls"}, False),
    ],
)
def test_a_sign_on_with_the_password_of_the_session_has_a_remark(profile: Any, remarked: bool) -> None:
    desired = {"computer": {"wired": profile, "wireless": {"ssids": {"VLB-Agents": profile}}}}
    live: dict[str, Any] = {"computer": {}, "user": {}}
    said = [line for line in remarks(Gpos.resource, "Essai", live, desired) if "Credential Guard" in line]
    places = ["computer.wired", "computer.wireless.ssids.VLB-Agents"]
    assert [line.split(" ")[3] for line in said] == (places if remarked else [])
