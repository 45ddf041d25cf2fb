"""Accounts that no domain issues: their SIDs, as Windows and public baselines have them."""

from __future__ import annotations

from typing import Any

import pytest

from piste.systems.windows.gpo.principals import refused
from piste.systems.windows.names import Names
from piste.systems.windows.virtual_accounts import is_virtual, service_sid


@pytest.mark.parametrize(
    ("service", "sid"),
    [
        ("TrustedInstaller", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"),
        ("WdiServiceHost", "S-1-5-80-3139157870-2983391045-3678747466-658725712-1809340420"),
        ("autotimesvc", "S-1-5-80-3169285310-278349998-1452333686-3865143136-4212226833"),
    ],
)
def test_the_sid_of_a_service_is_that_of_windows(service: str, sid: str) -> None:
    assert (service_sid(service), service_sid(service.lower())) == (sid, sid)


@pytest.mark.parametrize(
    "sid", ["S-1-5-80-0", "S-1-5-82-1-2", "S-1-5-96-0-1", "S-1-5-111-1", "S-1-15-2-1", "S-1-15-3-1024-1"]
)
def test_a_sid_that_no_domain_issues_stands_for_itself(sid: str) -> None:
    assert is_virtual(sid)


@pytest.mark.parametrize("sid", ["S-1-5-79-1", "S-1-5-112-0", "S-1-5-18", "S-1-5-21-1-2-3-500", "S-1-5-32-544"])
def test_a_sid_of_a_domain_or_of_windows_itself_does_not(sid: str) -> None:
    assert not is_virtual(sid)


def test_a_service_is_written_by_its_name_and_read_back_by_it() -> None:
    directory: Any = None  # nothing is asked of it
    names, unsaid = Names(directory), service_sid("essai-ville")
    assert names.name(service_sid("wdiservicehost")) == r"NT SERVICE\WdiServiceHost"
    assert (names.name(unsaid), refused(unsaid, names)) == (unsaid, "")
    assert names.sid(r"nt service\Essai-Ville") == unsaid
    assert names.name(unsaid) == r"NT SERVICE\Essai-Ville"
    assert refused(r"NT SERVICE\Essai-Ville", names) == ""
    assert refused(unsaid, names) == rf"« {unsaid} » s’écrit par son nom, « NT SERVICE\Essai-Ville »"
    assert refused(r"NT SERVICE\wdiservicehost", names).endswith(r"s’écrit « NT SERVICE\WdiServiceHost »")
