"""The masks of a directory: short names and numbers are masked, services stay."""

from __future__ import annotations

import pytest

from piste.exports.capture import directory
from piste.exports.capture.masks import Masks

MASKS = Masks(b"clef")


@pytest.mark.parametrize("name", ["_jean.dupont", "jd", "12345"])
def test_a_name_is_masked_whatever_its_form(name: str) -> None:
    assert name not in directory.name(MASKS, name)
    assert name not in directory.sought(MASKS, f"(sAMAccountName={name})")


def test_a_machine_behind_an_underscore_is_masked() -> None:
    assert "dupont" not in directory.hosted("HOST/_jdupont.ville.example", MASKS, lambda *_: None)


@pytest.mark.parametrize("name", ["_ldap._tcp", "@"])
def test_a_service_of_the_dns_stays(name: str) -> None:
    assert directory.host(MASKS, name) == name


def test_a_name_behind_a_matching_rule_is_masked_and_a_number_stays() -> None:
    place = "CN=Groupe de Jean Dupont,OU=Elus,DC=ville,DC=example"
    shown = directory.sought(MASKS, f"(&(member:1.2.840.113556.1.4.1941:={place})(userAccountControl:1.2.3:=2))")
    assert "Dupont" not in shown
    assert shown.startswith("(&(member:1.2.840.113556.1.4.1941:=CN=")
    assert shown.endswith(",DC=ville,DC=example)(userAccountControl:1.2.3:=2))")
