"""New administrators of the Windows template, in texts of the events 4728, 4732 and 4756."""

import re

import pytest

from piste.systems.zabbix.templates import files

DOMAIN = "S-1-5-21-3457937927-2839227994-823803824"


def counted(subject: str, member: str, group: str, name: str) -> bool:
    """Match a text of Microsoft's page "4732(S)": its fields, in its order, with its values."""
    text = (
        "A member was added to a security-enabled local group.\r\n\r\n"
        f"Subject:\r\n\tSecurity ID:\t\t{subject}\r\n\tAccount Name:\t\tAdministrator\r\n"
        "\tAccount Domain:\t\tCONTOSO\r\n\tLogon ID:\t\t0x3031e\r\n\r\n"
        f"Member:\r\n\tSecurity ID:\t\t{member}\r\n\tAccount Name:\t\tCN=eAdmin,CN=Users,DC=contoso,DC=local\r\n\r\n"
        f"Group:\r\n\tSecurity ID:\t\t{group}\r\n\tGroup Name:\t\t{name}\r\n\tGroup Domain:\t\tCONTOSO\r\n\r\n"
        "Additional Information:\r\n\tPrivileges:\t\t-"
    )
    macros = files()["Piste Windows security by Zabbix agent"]["macros"]
    pattern = next(macro["value"] for macro in macros if macro["macro"] == "{$SECURITY.GROUPS}")
    return re.search(pattern, text) is not None


@pytest.mark.parametrize("group", [
    *(f"S-1-5-32-{alias}" for alias in (544, 548, 549, 550, 551)), *(f"{DOMAIN}-{rid}" for rid in (512, 518, 519)),
])  # fmt: skip
def test_a_member_of_a_group_of_administration_is_counted_in_any_language(group: str) -> None:
    assert counted(f"{DOMAIN}-1104", f"{DOMAIN}-1105", group, "Admins du domaine")


@pytest.mark.parametrize(("member", "group", "name"), [
    (f"{DOMAIN}-500", f"{DOMAIN}-6605", "AccountOperators"),  # the event that Microsoft's page prints
    (f"{DOMAIN}-1105", f"{DOMAIN}-6605", "Imprimantes Administration"),
    (f"{DOMAIN}-512", f"{DOMAIN}-6605", "ServiceDesk"),  # the administrators join an ordinary group
    (f"{DOMAIN}-1105", "S-1-5-32-545", "Users"),
    (f"{DOMAIN}-1105", f"{DOMAIN}-5121", "Stagiaires"),
])  # fmt: skip
def test_an_administrator_who_fills_an_ordinary_group_is_silent(member: str, group: str, name: str) -> None:
    assert not counted(f"{DOMAIN}-500", member, group, name)
