"""The declaration edited through a YAML language server, with the repository's settings.

The server runs on the Node.js that comes with Playwright; `scripts/bootstrap.sh test` installs it where `npm` is.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import playwright
import pytest

from piste.commands.editor.files import write
from piste.commands.editor.names import read_names
from tests.support.language_server import LanguageServer
from tests.unit.repository.tree import ROOT

NODE = Path(playwright.__file__).parent / "driver/node"
SERVER = ROOT / ".cache/editor/node_modules/yaml-language-server/bin/yaml-language-server"
SITES = "inventories/town/host_vars"
JAURES = f"{SITES}/ecole-jaures.yml"

pytestmark = pytest.mark.skipif(
    not SERVER.exists(), reason="serveur de langage YAML absent : npm manquait à scripts/bootstrap.sh test"
)


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    town = tmp_path_factory.mktemp("town")
    for folder in ("group_vars", "inventories", "docs"):
        shutil.copytree(ROOT / folder, town / folder, symlinks=True)
    names, _ = read_names(town / "inventories/town")
    write(town / ".piste/schemas", names)
    settings = json.loads((ROOT / ".vscode/settings.json").read_text("utf-8"))
    with LanguageServer([str(NODE), str(SERVER), "--stdio"], town, settings) as server:
        yield server


def text_of(file: str) -> str:
    return (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize(
    "file",
    [
        JAURES, f"{SITES}/commune.yml", f"{SITES}/csu.yml", "group_vars/ecole.yml", "group_vars/all/flows.yml",
        "group_vars/all/policies.yml", "inventories/town/hosts.yml", "docs/plan-reversibilite.yml",
        "inventories/production/group_vars/all/main.yml", "inventories/lab/group_vars/all.yml",
    ],
)  # fmt: skip
def test_a_file_of_the_town_opens_without_a_fault(editor: LanguageServer, file: str) -> None:
    assert editor.edit(file, text_of(file)) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (JAURES, "lifecycle: open", "lifecycle: ouvert", "closing"),
        (JAURES, "serial: QZZZ-0005-0001", "serial: QZZZ-1", "un numéro de série de la forme XXXX-XXXX-XXXX"),
        (JAURES, "switches:", "dot1x: {state: off}\nswitches:", "enforced"),
        ("group_vars/ecole.yml", "category_segments:", "category_segment:", "category_segment"),
        (f"{SITES}/csu.yml", "  operator:", "  operateur:", "operateur"),
    ],
)
def test_a_fault_is_underlined_on_its_line_as_it_is_typed(
    editor: LanguageServer, file: str, old: str, new: str, says: str
) -> None:
    text = text_of(file)
    line = text[: text.index(old)].count("\n") + 1
    editor.edit(file, text)
    faults = editor.edit(file, text.replace(old, new, 1))
    assert [message for at, message in faults if at == line and says in message], faults
    assert editor.edit(file, text) == []


def test_a_first_line_does_for_an_editor_without_settings(editor: LanguageServer) -> None:
    file = "inventories/else/where/site.yml"
    line = "# yaml-language-server: $schema=../../../.piste/schemas/host.json\n"
    assert line in (ROOT / "docs/editer.md").read_text("utf-8")
    faults = editor.edit(file, line + text_of(JAURES).replace("lifecycle: open", "lifecycle: ouvert"))
    assert [message for _, message in faults if "closing" in message], faults


def test_keys_and_names_are_proposed_and_explained(editor: LanguageServer) -> None:
    text = text_of(JAURES)
    last = text.count("\n") + 1
    editor.edit(JAURES, text + "acc")
    assert {"segments", "port_layouts", "dot1x"} <= set(editor.complete(JAURES, last, 3))
    editor.edit(JAURES, text + 'port_layouts:\n  MS120-8:\n    "1": ')
    assert {"borne", "imprimante", "uplink"} <= set(editor.complete(JAURES, last + 2, 9))
    editor.edit(JAURES, text + "segments:\n  ")
    assert {"invites", "surete"} <= set(editor.complete(JAURES, last + 1, 2))
    editor.edit(JAURES, text)
    assert "Vie du site" in editor.hover(JAURES, text[: text.index("lifecycle:")].count("\n") + 1, 4)
