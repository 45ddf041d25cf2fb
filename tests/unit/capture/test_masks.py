"""The masks of a capture: no address, person or secret passes in a text of any sort."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.capture import forms, store
from piste.exports.capture.masks import Masks
from piste.exports.capture.recording import Recording

MASKS = Masks(b"clef de la ville", names=["PC de la ville"])
KEPT = Masks(b"clef de la ville", keep_names=True)


def kept(system: str, path: str, content: Any, masks: Masks = MASKS) -> str:
    line = forms.template(system, path)
    assert line
    return json.dumps(forms.kept(content, line[1], masks)[0], ensure_ascii=False)


def test_an_id_that_has_an_address_masks_it_as_a_text_does() -> None:
    href = "https://10.20.30.40:8082/7.4/elements/host/1"
    assert MASKS.identity(href) == MASKS.text(href)
    assert "10.20.30.40" not in MASKS.identity(href)
    assert MASKS.identity(href).endswith(":8082/7.4/elements/host/1")
    key = MASKS.identity("net.tcp.service[ssh,10.9.8.7]")
    assert re.fullmatch(r"net\.tcp\.service\[ssh,10\.\d+\.\d+\.\d+\]", key)
    assert "10.9.8.7" not in key
    drawn = "aZ3kQ9xT7bLm2Vw8Rc5Y"
    assert MASKS.identity(drawn) == drawn


@pytest.mark.parametrize(
    "text",
    [
        "voir 10.1.2.3.", "le 10.1.2.3, puis", "aabb.ccdd.eeff", "poste a0b1c2d3e4f5 au sol", "SEPA0B1C2D3E4F5",
        "A0:B1:C2:D3:E4:F5.", "j.dupont@ville.example",
    ],
)  # fmt: skip
def test_an_address_is_masked_wherever_it_stands(text: str) -> None:
    address = re.search(r"10\.1\.2\.3|(?i:a0b1c2d3e4f5|aabb\.ccdd\.eeff|a0:b1:c2:d3:e4:f5)|j\.dupont", text)
    assert address
    assert address[0] not in MASKS.text(text)
    assert address[0] not in MASKS.identity(text)
    assert MASKS.text(text)[-1:] == text[-1:] or text[-1:].isalnum()


def test_writings_of_an_address_have_one_mask_and_what_is_none_stays() -> None:
    bare = MASKS.text("a0b1c2d3e4f5")
    assert MASKS.text("a0:b1:c2:d3:e4:f5").replace(":", "") == bare
    assert MASKS.text("a0b1.c2d3.e4f5").replace(".", "") == bare
    for text in ("0d9f2a41-77aa-4bbb-8ccc-a0b1c2d3e4f5", "7.4.1.2.3", "202612011300", "abcdefabcdef"):
        assert MASKS.text(text) == text


def test_a_name_that_is_an_address_stays_one_and_that_of_a_neighbour_may_be_a_person() -> None:
    assert MASKS.name("10.1.1.9").startswith("10.")
    heard = {"lldp": {"chassisId": "10.1.1.9"}, "cdp": {"deviceId": "PC-Jean-Dupont"}}
    shown = kept("meraki", "/devices/Q2/switch/ports/statuses", [heard, {"lldp": {"chassisId": "a0:b1:c2:d3:e4:f5"}}])
    assert [word for word in ("10.1.1.9", "Dupont", "a0:b1") if word in shown] == []


SAID = [
    ("smc", "/7.4/current_user", {"value": "Jean Dupont"}),
    ("smc", "/7.4/elements/fw_cluster/1/pending_changes", {"result": [{"approver": "Jean Dupont"}]}),
    ("glpi", "/api.php/v2.3/Assets/Computer", [{"otherserial": "Jean Dupont"}]),
    ("zabbix", "/api_jsonrpc.php/item.get", [{"lastvalue": "Jean Dupont"}]),
    ("zabbix", "/api_jsonrpc.php/history.get", [{"value": "Jean Dupont"}]),
    ("meraki", "/networks/1/wireless/ssids", [{"ldap": {"credentials": {"distinguishedName": "cn=Jean Dupont"}}}]),
    ("meraki", "/networks/1/wireless/ssids", [{"activeDirectory": {"credentials": {"logonName": "Jean Dupont"}}}]),
    ("zabbix", "/api_jsonrpc.php/host.get", [{"macros": [{"value": 12345}], "dupont.jean": 1}]),
    ("zabbix", "/api_jsonrpc.php/user.get", [{"username": 12345}]),
]


@pytest.mark.parametrize(("system", "path", "content"), SAID)
def test_a_person_in_a_field_of_any_sort_is_masked(system: str, path: str, content: Any) -> None:
    shown = kept(system, path, content)
    assert [word for word in ("Dupont", "dupont", "12345") if word in shown] == []


@pytest.mark.parametrize(
    ("macro", "value", "same"),
    [
        ("{$CERT.PORT}", "8443", True), ("{$WEB.URL}", "https://portail.ville.example:8443/accueil", True),
        ("{$WEB.URL}", "https://jean:Soleil9@portail.example", False), ("{$CODE}", "8443", False),
        ("{$CERT.PORT}", "Soleil-9-levant", False), ("{$SNMP_COMMUNITY}", "public", False),
    ],
)  # fmt: skip
def test_a_macro_is_a_secret_unless_it_is_the_setting_of_a_machine(macro: str, value: str, same: bool) -> None:
    shown = kept("zabbix", "/api_jsonrpc.php/host.get", [{"macros": [{"macro": macro, "value": value}]}])
    assert (value in shown) == same
    assert ("secret:" in shown) != same


PLAIN = {
    "meraki": {"name", "value"},  # the names of fields of CDP; the roles of a syslog server
    "smc": {"network_value", "value"},  # addresses; a version
    "prism": {"name", "value"},  # a flag; addresses
    "glpi": {"last_login", "name"},  # a moment, a state of GLPI's own
    "veeam": {"platformName"},
    "zabbix": set(),
}
"""Fields of names like those of persons that stay as texts: their values are of the system, or addresses."""


def texts(form: Any, key: str = "") -> Iterator[str]:
    if isinstance(form, dict):
        for name, below in form.items():
            yield from texts(below, name)
    elif isinstance(form, list):
        for below in form:
            yield from texts(below, key)
    elif "text" in form.split("|"):
        yield key


@pytest.mark.parametrize("system", PLAIN)
def test_a_field_that_may_name_a_person_is_no_plain_text(system: str) -> None:
    written = json.loads((Path(forms.__file__).parent / "forms" / f"{system}.json").read_bytes())
    suspect = re.compile(r"(?i).*(name|login|owner|approver|value|message)")
    assert {key for key in texts(written) if suspect.fullmatch(key)} == PLAIN[system]


def asked(folder: Path, system: str, path: str, query: tuple[tuple[str, str], ...] = (), body: Any = None) -> str:
    method = "POST" if body else "GET"
    answer = {"result": []} if body else []
    question = Question(system, method, path, query, body)
    Recording(folder, MASKS).heard(question, Response(200, {}, json.dumps(answer).encode()), 0.1)
    return "".join(path.read_text("utf-8") for path in folder.rglob("*.json"))


def test_a_person_in_a_question_is_masked(tmp_path: Path) -> None:
    at = "/api_jsonrpc.php"
    body = {"method": "user.get", "params": {"filter": {"username": ["jdupont"]}, "output": ["userid"]}, "id": 1}
    asked(tmp_path, "zabbix", at, body=body)
    asked(tmp_path, "prism", "/api/vmm/v4.0/ahv/config/vms", (("$filter", "username eq 'jdupont'"),))
    asked(tmp_path, "smc", "/7.4/elements/host", (("filter", "PC jdupont"),))
    asked(tmp_path, "meraki", "/networks/1/clients/j%2Edupont%40ville.example")
    asked(tmp_path, "meraki", "/networks/1/clients/a0%3Ab1%3Ac2%3Ad3%3Ae4%3Af5")
    raw = asked(tmp_path, "smc", "/7.4/elements/host", (("filter", "PC de la ville"),))
    assert [word for word in ("dupont", "a0%3A", "a0:b1") if word in raw] == []
    assert "username eq 'Nom " in raw
    assert "userid" in raw
    assert "PC de la ville" in raw


def test_the_following_page_masks_what_it_codes(tmp_path: Path) -> None:
    link = '<https://x/api/v1/a?after=j.dupont%40ville.example&perPage=5>; rel="next"'
    question = Question("meraki", "GET", "/networks/1/clients", (), None)
    Recording(tmp_path, MASKS).heard(question, Response(200, {"link": link}, b"[]"), 0.1)
    ((_, answer),) = store.answers(tmp_path)
    assert "dupont" not in answer.link
    assert answer.link.endswith("&perPage=5>; rel=next")


SECRETS = [
    "mot de passe: Soleil93!", "le jeton ghp_16C7e42F292c6912E7710c838347Ae178B4a", "sk_live_51H8-abc_def-ghi-jkl",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqZGVwb250In0.c2lnbmF0dXJl", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqZGVwb250In0",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_that_people_write_in_a_text_is_dropped_though_names_stay(text: str) -> None:
    shown = KEPT.free(f"première ligne\n{text}\ndernière")
    assert shown == "première ligne\nsecret:\ndernière"
    assert KEPT.free("Mot de passe chez le concierge") == "Mot de passe chez le concierge"


NONSENSE: list[Any] = [
    0, True, None, [], {}, [1], {"a": {"b": "Dupont"}}, "", "Dupont", "base64:", "base64:AAAA", "base64:é", "utf-16:é",
    "utf-16-le:Dupont", "<a", "<a>Dupont</a>", "CN=", "=,=,", "CN=\\", "S-1-", "\x00", "banner motd #", "[" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("document", sorted(forms.DOCUMENTS))
@pytest.mark.parametrize("masks", [MASKS, KEPT], ids=["masked", "names kept"])
def test_a_document_of_any_content_is_masked_and_never_stops(document: str, masks: Masks) -> None:
    for value in NONSENSE:
        kept_of, _ = forms.kept(value, f"document({document})", masks)
        json.dumps(kept_of)
        forms.kept(kept_of, f"document({document})", KEPT)
        if masks is MASKS and document not in ("guid", "certificate"):
            assert "Dupont" not in json.dumps(kept_of), (document, value)
