"""Accounts of a Nexus by its running configuration: names, roles and ends, never a secret."""

from __future__ import annotations

import json

from piste.systems.nexus.accounts import accounts
from piste.systems.nexus.configuration import tree

CONFIGURATION = """\
version 10.3(4a)
hostname nx-1
username admin password 5 $5$SECRET$value  role network-admin
username lecture password 5 $5$SECRET$other  role network-operator
username mixte password 5 $5$SECRET$third  role network-operator
username mixte role priv-1
username mixte sshkey ssh-rsa AAAASECRET lecture@poste
username parti password 5 $5$SECRET$fourth  expire 2026-11-01  role network-operator
"""


def test_an_account_has_its_roles_and_its_end_and_no_secret() -> None:
    listed = accounts(tree(CONFIGURATION))
    assert [(account.names[0], account.whole, account.reads, account.roles, account.ends) for account in listed] == [
        ("admin", True, False, ("network-admin",), None),
        ("lecture", False, True, ("network-operator",), None),
        ("mixte", False, False, ("network-operator", "priv-1"), None),
        ("parti", False, True, ("network-operator",), "2026-11-01"),
    ]
    assert "SECRET" not in json.dumps([account.to_json() for account in listed])
