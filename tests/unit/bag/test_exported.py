"""A replay reads an export as data: each text comes back literally, or its place is refused."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from piste.engine.converge.resource import Field
from piste.engine.converge.text import as_declaration
from piste.exports.bag.exported import MODULES, NotAnExport, read
from piste.exports.bag.kinds import DOMAINS, KINDS, Kind
from tests.support.bags import exported

ATTACK = "{{ lookup('ansible.builtin.pipe', 'id > PWNED') }}"


def hostile(fields: Sequence[Field]) -> dict[str, Any]:
    """Make an object whose texts, and keys that somebody chooses, are all the attack."""
    return {field.name: _value(field) for field in fields if field.type != "path"}


def _value(field: Field) -> Any:
    if field.secret:
        return {"secret": ATTACK}
    inner = hostile(field.of) if field.of else ATTACK
    if field.type == "map":
        return {ATTACK: inner}
    if field.type == "list":
        return [inner] if field.of or field.elements == "str" else []
    if field.type == "dict":
        return inner if field.of else {ATTACK: ATTACK}
    return {"str": ATTACK, "int": 1, "float": 1.0, "bool": True}.get(field.type, ATTACK)


def domain(folder: Path, kinds: Sequence[Kind]) -> None:
    """Write the files of a domain whose every object is hostile."""
    content = {kind.name: [hostile(kind.resource.fields)] for kind in kinds}
    files = {name: {name: items} for name, items in content.items()}
    if kinds[0].per_site:
        files = {"ecole-jaures": {"network": ATTACK, **content}}
    for name, value in files.items():
        path = folder / kinds[0].domain / f"{name}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_declaration(value), encoding="utf-8")


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("name", DOMAINS)
def test_every_text_of_every_kind_is_literal_where_marked_and_refused_where_not(name: str, tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind.domain == name]
    domain(tmp_path, kinds)
    content = MODULES["piste_exported"].run({"folder": str(tmp_path), "domain": name}, True)["content"]
    assert list(texts(content)).count(ATTACK) > len(kinds)
    for path in (tmp_path / name).iterdir():
        marked = path.read_text("utf-8")
        path.write_text(marked.replace("!unsafe ", ""), encoding="utf-8")
        with pytest.raises(NotAnExport) as refused:
            read(tmp_path, name)
        numbers = re.findall(rf"{name}/{path.name}:(\d+) : texte que Jinja évaluerait", str(refused.value))
        lines = [number for number, line in enumerate(marked.splitlines(), 1) for _ in range(line.count("!unsafe "))]
        assert list(map(int, numbers)) == lines != []
        path.write_text(marked, encoding="utf-8")


def test_an_export_is_given_by_kind_and_that_of_the_network_by_site(tmp_path: Path) -> None:
    exported(tmp_path)
    assert read(tmp_path, "printing") == {"print_queues": [{"name": "imp-jau-01", "duplexing": "one_sided"}]}
    (site,) = read(tmp_path, "network")
    assert (site["owner"], site["network"], site["config"]["switch_ports"][0]["name"]) == (
        "ecole-jaures", "VLB ecole-jaures", "={{ hostile }}",
    )  # fmt: skip


def test_an_older_export_of_a_site_lacks_the_kinds_that_came_since(tmp_path: Path) -> None:
    exported(tmp_path)
    path = tmp_path / "network/ecole-jaures.yml"
    late = tuple(f"{kind.name}:" for kind in KINDS if kind.late)
    kept = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(late)]
    path.write_text("\n".join(kept), encoding="utf-8")
    assert read(tmp_path, "network")[0]["config"]["radios"] == []
    path.write_text("\n".join(line for line in kept if not line.startswith("network_settings")), encoding="utf-8")
    with pytest.raises(NotAnExport, match=r"network/ecole-jaures\.yml : /network_settings : absent"):
        read(tmp_path, "network")


@pytest.mark.parametrize(
    ("domain", "name", "why"),
    [
        ("network", "..%2f..yml", "ce nom n’est pas celui d’un site"),
        ("network", "{{ x }}.yml", "ce nom n’est pas celui d’un site"),
        ("network", "ecole\n.yml", "ce nom n’est pas celui d’un site"),
        ("printing", "autre.yml", "en trop"),
        ("printing", "print_queues.json", "en trop"),
        ("printing", "sous/print_queues.yml", "en trop"),
    ],
)
def test_a_file_that_no_export_has_is_refused_and_never_a_name_of_anything(
    domain: str, name: str, why: str, tmp_path: Path
) -> None:
    exported(tmp_path)
    (tmp_path / domain / name).parent.mkdir(exist_ok=True)
    (tmp_path / domain / name).touch()
    with pytest.raises(NotAnExport, match=why):
        read(tmp_path, domain)


def test_a_script_of_an_export_is_its_text_and_never_a_file_of_this_machine(tmp_path: Path) -> None:
    script = {"name": "x.cmd", "file": "/etc/passwd"}
    exported(tmp_path, **{"directory/gpos": {"gpos": [{"name": "A", "computer": {"scripts": {"startup": [script]}}}]}})
    with pytest.raises(NotAnExport, match=r"/gpos/0/computer/scripts/startup/0/file : inconnu du schéma"):
        read(tmp_path, "directory")


def test_a_pipe_a_link_an_absence_and_a_wrong_document_are_refused_at_once(tmp_path: Path) -> None:
    exported(tmp_path)
    os.mkfifo(tmp_path / "firewall/zz.yml")
    (tmp_path / "hosting/vms.yml").unlink()
    (tmp_path / "hosting/vms.yml").symlink_to(tmp_path / "hosting/images.yml")
    for folder, domain, place in (
        (tmp_path, "firewall", "zz.yml : tube"),
        (tmp_path, "hosting", "vms.yml : lien"),
        (tmp_path / "rien", "hosting", "hosting : ne s’ouvre pas"),
    ):
        with pytest.raises(NotAnExport, match=place):
            read(folder, domain)
    queues = tmp_path / "printing/print_queues.yml"
    for text, why in (
        ("", "object attendu"),
        ("print_queues: [{name: 3}]", "/print_queues/0/name : string attendu"),
        ("print_queues: [{name: a, {{ x }}: b}]", "n’est pas du YAML|unhashable"),
        ("print_queues: []\nautre: 1", "/autre : inconnu du schéma"),
    ):
        queues.write_text(text, encoding="utf-8")
        with pytest.raises(NotAnExport, match=why):
            read(tmp_path, "printing")


def test_what_the_systems_themselves_have_lies_beside_and_is_left_alone(tmp_path: Path) -> None:
    exported(tmp_path)
    (tmp_path / "firewall/system.yml").write_text('system: ["{{ x }}"]\n', encoding="utf-8")
    assert read(tmp_path, "firewall").keys() == {
        "elements",
        "policies",
        "engine_interfaces",
        "engine_routes",
        "engine_settings",
        "engine_gateways",
        "log_servers",
    }
