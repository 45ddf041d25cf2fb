"""A capture of a real directory and of its SYSVOL: reads alone pass, masked."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.errors import Misused
from piste.engine.transport.contents import content_of
from piste.engine.transport.shared import VARIABLE
from piste.exports.bag import bagit
from piste.exports.capture import make, store, verify
from piste.runs.read import of
from piste.systems.windows.gpo.acl import parse
from piste.systems.windows.gpo.registry_pol import decode
from piste.systems.windows.searches import SEARCHES
from tests.support.capture import capturing
from tests.support.gpos import Console, as_administrator, console
from tests.support.rich_gpo import rich
from tests.support.samba import Domain

SECRETS = ("Soleil-93!levant", "Communaute93!lecture", "Zx9kQ2vT7bLm3Wc8Rd5Y")
"""Secrets as a hand leaves them: of a script, of a value of the registry, of a preference."""
PERSON = "Zoe-Durand"


@pytest.fixture(scope="module")
def here(domain_of_module: Domain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("run")))
        with console(domain_of_module, **as_administrator(domain_of_module)) as made:
            fill(made)
            yield made


def fill(here: Console) -> None:
    base = here.directory.base
    unit = f"OU=Service de {PERSON},{base}"
    here.directory.add(unit, ["top", "organizationalUnit"], {"description": [f"mot de passe : {SECRETS[0]}"]})
    group = {"sAMAccountName": [f"GG-{PERSON}"], "description": [f"appeler {PERSON}"], "groupType": [-2147483646]}
    here.directory.add(f"CN=GG-{PERSON},{unit}", ["top", "group"], group)
    # Principals that the rich policy names.
    names = {"sAMAccountName": ["GG-Essai"], "groupType": [-2147483646]}
    here.directory.add(f"CN=GG-Essai,{unit}", ["top", "group"], names)
    delegated = {"sAMAccountName": [f"{PERSON}$"], "msDS-AllowedToDelegateTo": [f"cifs/{PERSON}"]}
    delegated |= {"servicePrincipalName": [f"HTTP/{PERSON}:{SECRETS[2]}"], "userAccountControl": [4096]}
    here.directory.add(f"CN={PERSON},{unit}", ["top", "computer"], delegated)
    menu = [f"9,&{PERSON},\\\\{PERSON}\\commun\\menu.vbs /password:{SECRETS[0]}"]
    display = f"CN=user-Display,CN=409,CN=DisplaySpecifiers,CN=Configuration,{base}"
    here.directory.modify(display, {"adminContextMenu": ((), menu)})
    silo = {"msDS-AuthNPolicySiloEnforced": ["TRUE"]}
    places = f"CN=AuthN Silos,CN=AuthN Policy Configuration,CN=Services,CN=Configuration,{base}"
    here.directory.add(f"CN=Silo de {PERSON},{places}", ["top", "msDS-AuthNPolicySilo"], silo)
    made = rich("Stratégie d’essai")
    made["computer"]["scripts"] = {
        "startup": [
            {"name": "essai.cmd", "parameters": f"/p:{SECRETS[0]}", "content": f"net use x: /user:a {SECRETS[0]}\n"}
        ]
    }
    made["computer"]["registry"] = {
        "Software\\Policies\\SNMP!Community": {"type": "sz", "data": SECRETS[1]},
        "Software\\Policies\\SNMP!Contact": {"type": "sz", "data": PERSON},
    }
    here.run(made)
    for name, content in HAND.items():
        here.sysvol.write(f"Policies/{only(here)}/Machine/{name}", content)


HAND = {
    "Preferences/Groups/Groups.xml": f"""<?xml version="1.0" encoding="utf-8"?>
<Groups clsid="{{3125E937-EB16-4b4c-9934-544FC6D24D26}}"><User clsid="{{DF5F1855-51E5-4d24-8B1A-D9BDE98BA1D1}}"
name="{PERSON}" image="2" changed="2026-01-01 10:00:00" uid="{{0C6B8A2C-0000-4000-8000-000000000001}}"><Properties
action="U" newName=""
fullName="{PERSON}" description="mot de passe : {SECRETS[0]}" cpassword="{SECRETS[2]}"
userName="{PERSON}" nouveau="{SECRETS[2]}"/>
</User></Groups>""".encode(),
    "Scripts/Startup/secret.ps1": f"$motdepasse = '{SECRETS[0]}'\r\n# {PERSON}\r\n".encode("utf-8-sig"),
}  # fmt: skip


def only(here: Console) -> str:
    from tests.support.gpos import guid

    return guid(here, "Stratégie d’essai")


def read(here: Console, domain: Domain) -> None:
    option = {**domain.option, **as_administrator(domain)}
    for subject in ("ad_checks", "ad_computers"):
        of(subject).run({"domain": option}, True)
    for search in SEARCHES:
        here.directory.find(search, fresh=True)
    here.gathered()
    of("ad_points").run({"domain": option}, True)
    of("windows_answers").run({"domain": option, "servers": []}, True)


@pytest.fixture(
    scope="module", params=[pytest.param(True, marks=pytest.mark.story), False], ids=["names kept", "masked"]
)
def kept(
    request: pytest.FixtureRequest, here: Console, domain_of_module: Domain, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bool, list[store.Answer]]:
    data = tmp_path_factory.mktemp("capture")
    before = domain_of_module.usn(), domain_of_module.sysvol()
    with capturing(data, {"essai/un": SECRETS[1]}, keep_names=request.param):
        read(here, domain_of_module)
    assert (domain_of_module.usn(), domain_of_module.sysvol()) == before
    return request.param, [answer for _, answer in store.answers(data)]


def plain(answers: list[store.Answer]) -> str:
    """Give all that is kept as a text, with what is in base64 decoded."""
    whole = json.dumps([answer.model_dump() for answer in answers], ensure_ascii=False)
    coded = [content_of(text) for text in re.findall(r"base64:[A-Za-z0-9+/=]*", whole)]
    return "\n".join([whole, *(raw.decode(code, "replace") for raw in coded for code in ("utf-8", "utf-16-le"))])


def test_what_a_real_directory_answers_has_a_form(kept: tuple[bool, list[store.Answer]]) -> None:
    answers = kept[1]
    odd = {(answer.path, place.at, place.why) for answer in answers for place in answer.odd}
    assert {answer.method for answer in answers} == {"SEARCH", "READ", "LIST", "RIGHTS"}
    assert {(path.rpartition("/")[2], at) for path, at, _ in odd} == {("xml", ".Properties@nouveau"), ("aas", "")}


def test_no_secret_nor_person_is_kept(kept: tuple[bool, list[store.Answer]]) -> None:
    keep_names, answers = kept
    shown = plain(answers)
    for secret in SECRETS:
        for form in (secret, base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex()):
            assert form not in shown, secret
    assert ("Durand" in shown) is keep_names
    assert ("zoe-durand" in shown.casefold()) is keep_names


def test_what_has_a_structure_keeps_it(kept: tuple[bool, list[store.Answer]]) -> None:
    keep_names, answers = kept
    entries = [entry for answer in answers if answer.method == "SEARCH" and answer.answer for entry in answer.answer]
    dns = {entry["dn"] for entry in entries}
    assert any(dn.startswith("CN={31B2F340-016D-11D2-945F-00C04FB984F9},CN=Policies,CN=System,DC=") for dn in dns)
    assert any(("Service de" in dn) is keep_names for dn in dns if ",OU=" in dn)
    rights = [answer.answer for answer in answers if answer.method == "RIGHTS"]
    assert rights
    assert all(parse(content_of(known)).dacl for known in rights)
    pols = [answer.answer for answer in answers if answer.path.endswith("/sysvol/pol") and answer.answer]
    keys = {entry.key for pol in pols for entry in decode(content_of(pol))}
    assert "Software\\Policies\\SNMP" in keys


def test_a_captured_directory_settles_beliefs(kept: tuple[bool, list[store.Answer]], tmp_path: Path) -> None:
    about = make.opened(tmp_path, "lab", True, systems=["ad"])
    for answer in kept[1]:
        store.keep_answer(tmp_path / "data", answer)
    make.ended(tmp_path / "data", about)
    bagit.seal(tmp_path, {})
    seen = verify.examine(tmp_path)
    assert {finding.state for finding in seen.findings} == {"ok"}
    assert [name for name in seen.verdicts if name.startswith("windows.")]


@pytest.mark.parametrize("operation", ["add", "modify", "delete", "modify_dn", "compare", "extended"])
def test_an_operation_that_writes_reaches_no_socket(operation: str, here: Console, tmp_path: Path) -> None:
    connection = here.directory._connected
    dn = f"OU=essai,{here.directory.base}"
    calls: dict[str, Any] = {
        "add": lambda: connection.add(dn, ["organizationalUnit"], {}),
        "modify": lambda: connection.modify(dn, {"unicodePwd": [("MODIFY_REPLACE", [b"x"])]}),
        "delete": lambda: connection.delete(dn),
        "modify_dn": lambda: connection.modify_dn(dn, "OU=autre"),
        "compare": lambda: connection.compare(dn, "ou", "essai"),
        "extended": lambda: connection.extend.standard.modify_password(dn, "ancien", "nouveau"),
    }
    sent: list[bytes] = []
    real = connection.socket

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def sendall(self, raw: bytes) -> None:
            sent.append(raw)
            real.sendall(raw)

    connection.socket = Watched()
    try:
        with capturing(tmp_path), pytest.raises(Misused, match="Rien n’a été envoyé"):
            calls[operation]()
    finally:
        connection.socket = real
    assert sent == []


def test_a_write_of_the_client_is_refused_before_it_is_sent(
    here: Console, domain_of_module: Domain, tmp_path: Path
) -> None:
    before = domain_of_module.usn(), domain_of_module.sysvol()
    place = f"Policies/{only(here)}"
    writes: list[Any] = [
        lambda: here.directory.add(f"OU=essai,{here.directory.base}", ["organizationalUnit"], {"ou": ["essai"]}),
        lambda: here.directory.delete(f"OU=Service de {PERSON},{here.directory.base}"),
        lambda: here.sysvol.write(f"{place}/essai.txt", b"essai"),
        lambda: here.sysvol.make_folder(f"{place}/essai"),
        lambda: here.sysvol.rename(f"{place}/GPT.INI", f"{place}/autre"),
        lambda: here.sysvol.delete(f"{place}/GPT.INI"),
        lambda: here.sysvol.put_descriptor(place, b"", folder=True),
    ]
    with capturing(tmp_path):
        for write in (*writes, lambda: here.sysvol.takes_files(place)):
            with pytest.raises(Misused, match="Rien n’a été envoyé"):
                write()
    assert (domain_of_module.usn(), domain_of_module.sysvol()) == before


