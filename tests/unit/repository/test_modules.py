"""The Ansible modules as a set: names of their own, complete, documented as they behave."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ansible
import pytest
import yaml
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

from inventory_plugins.piste_lab import variables
from piste.runs.dispatch import MODULES
from piste.runs.modules import PLACES, READ, READS
from piste.systems.kinds import DOMAINS
from scripts.document import documented as whole
from scripts.document import files
from tests.support.module_options import RESULTS
from tests.unit.repository.test_layout import module_of
from tests.unit.repository.test_playbooks import files as files_of_plays
from tests.unit.repository.test_playbooks import read, steps
from tests.unit.repository.tree import ROOT, shown, tracked

LIBRARY = {path.stem: path for path in sorted((ROOT / "library").glob("*.py"))}
SECRET = ("secret", "masqu")
PART = re.compile(r"^    ([A-Z_]+) =", re.MULTILINE)
EXTENDED = re.compile(r"\b(?:attributes|options|results)\.[a-z_]+(?=[],])")


def document(name: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """Read the options, examples and results of a module as `ansible-doc` does, with fragments."""
    fragment_loader.add_directory(str(ROOT / "doc_fragments"))
    documented, examples, returned, _ = get_docstring(str(LIBRARY[name]), fragment_loader, is_module=True)
    return documented, examples, returned


def described(options: dict[str, Any]) -> dict[str, Any]:
    """Write each description as a list, at every level; nothing says that it is free."""
    return {
        name: {key: value for key, value in option.items() if (key, value) != ("required", False)}
        | {"description": [text] if isinstance(text := option["description"], str) else text}
        | ({"suboptions": described(option["suboptions"])} if "suboptions" in option else {})
        for name, option in options.items()
    }


def normal(options: dict[str, Any] | None, children: str) -> dict[str, Any]:
    """Write options in a common form; `children` is the key of nested options."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": bool(option.get("required", False)),
            "default": option.get("default"),
            "choices": list(option.get("choices") or []),
            "aliases": sorted(option.get("aliases") or []),
            "options": normal(option.get(children), children),
        }
        for name, option in (options or {}).items()
    }


def undescribed(documented: dict[str, Any], spec: dict[str, Any], path: str = "") -> list[str]:
    """List the options without a description, and the masked options whose description hides it."""
    faults = []
    for name, option in documented.items():
        text = str(option.get("description") or "").lower()
        masked = spec[name].get("no_log", False)
        if not text or (masked and not any(word in text for word in SECRET)):
            faults.append(path + name)
        below = option.get("suboptions") or {}, spec[name].get("options") or {}
        faults += undescribed(*below, f"{path}{name}.")
    return faults


def test_module_action_plugin_and_dispatcher_name_the_same_modules() -> None:
    actions = {path.stem for path in (ROOT / "action_plugins").glob("*.py")}
    assert LIBRARY.keys() == actions == MODULES.keys()
    assert LIBRARY


def test_no_module_has_a_name_that_ansible_ships_or_routes_elsewhere() -> None:
    home = Path(ansible.__file__).parent
    runtime = yaml.safe_load((home / "config/ansible_builtin_runtime.yml").read_text("utf-8"))
    routed = runtime["plugin_routing"]["modules"].keys() | runtime["plugin_routing"]["action"].keys()
    taken = routed | {path.stem for path in home.glob("modules/*.py")}
    assert {"meraki_network", "meraki_ssid", "copy"} <= taken
    assert LIBRARY.keys() & taken == set()


@pytest.mark.parametrize("name", LIBRARY)
def test_documentation_equals_the_argument_spec(name: str) -> None:
    documented, _, _ = document(name)
    module = whole(name)
    assert documented["module"] == name
    assert described(documented["options"]) == module.documented_options
    assert normal(documented["options"], "suboptions") == normal(module.argument_spec, "options")
    assert undescribed(documented["options"], module.argument_spec) == []


@pytest.mark.parametrize("name", LIBRARY)
def test_every_module_shows_examples_and_what_it_returns(name: str) -> None:
    _, examples, returned = document(name)
    assert all(name in task for task in yaml.safe_load(examples))
    assert all({"description", "returned", "type"} <= entry.keys() for entry in returned.values())
    if MODULES[name].resource or name in {f"piste_{domain}" for domain in DOMAINS}:
        assert returned.keys() >= {"operations", "summary", "withheld", "gathered", "calls"}
    assert returned


def test_the_module_that_reads_shows_and_says_every_subject() -> None:
    documented, examples, _ = document(READ)
    parts = {
        "EXAMPLES": [task[READ]["subject"] for task in yaml.safe_load(examples)],
        "the description": [line.partition(")")[0].removeprefix("C(") for line in documented["description"][3:]],
        "the notes, by make docs": [line.partition(")")[0].removeprefix("C(") for line in documented["notes"]],
    }
    for part, said in parts.items():
        assert said == [*READS], f"{part} of library/{READ}.py, in the order of SUBJECTS in piste/runs/modules.py"


def taken() -> Iterator[tuple[str, set[str]]]:
    """List what plays take of the result of each subject: the subject, and names of results."""
    for path in files_of_plays():
        text = path.read_text("utf-8")
        for task in steps(read(path)):
            if isinstance(task, dict) and READ in task:
                # A file of that name is no result.
                kept = rf"(?<![/\w]){task['register']}\.(\w+)\b(?!:)" if "register" in task else "(?!)"
                yield task[READ]["subject"], {*re.findall(kept, text)}


def test_plays_read_every_subject_and_the_module_names_what_they_take() -> None:
    read_by_plays = dict[str, set[str]]()
    for subject, names in taken():
        read_by_plays.setdefault(subject, set()).update(names)
    assert READS.keys() ^ read_by_plays.keys() == set(), "SUBJECTS of piste/runs/modules.py, or a play of playbooks/"
    unnamed = {subject: names - RESULTS[subject] for subject, names in read_by_plays.items()}
    silent = [subject for subject, names in RESULTS.items() if not names]
    assert ({subject: names for subject, names in unnamed.items() if names}, silent) == ({}, []), (
        f"RETURN of library/{READ}.py: each result, with C(subject) in its description"
    )


def test_an_environment_says_where_each_system_is(tmp_path: Path) -> None:
    _, examples, _ = document(READ)
    asked = {*re.findall(r"{{ (piste_\w+) }}", examples)}
    own = read(ROOT / "inventories/production/group_vars/all/main.yml")
    assert asked - own.keys() == set(), (
        "inventories/production and its copy in tests/town, or a default in the example and the play"
    )
    given = read(ROOT / "inventories/lab/group_vars/all.yml").keys() | variables(str(tmp_path), str(tmp_path)).keys()
    assert asked - given == set(), "inventory_plugins/piste_lab.py, or a default in the example and the play"


def test_what_reads_is_a_subject_or_a_module() -> None:
    """A place with modules that nothing names would never be read."""
    texts = {module_of(path): path.read_text("utf-8") for path in tracked("piste/*.py")}
    making = {place for place, text in texts.items() if re.search(r"^MODULES\b", text, re.MULTILINE)}
    assert making - {*READS.values(), *PLACES.values(), "piste.runs.dispatch"} == set(), (
        "SUBJECTS of piste/runs/modules.py: its line"
    )


def test_the_options_of_modules_and_fragments_are_those_of_the_tables() -> None:
    assert [shown(path) for path, text in files() if path.read_text("utf-8") != text] == []


def test_a_fragment_has_a_name_of_its_own_and_is_extended() -> None:
    own = {path.stem: path.read_text("utf-8") for path in (ROOT / "doc_fragments").glob("*.py")}
    shipped = {path.stem for path in Path(ansible.__file__).parent.glob("plugins/doc_fragments/*.py")}
    assert own.keys() & shipped == set()
    parts = {f"{name}.{part.lower()}" for name, text in own.items() for part in PART.findall(text)}
    assert parts == {part for path in LIBRARY.values() for part in EXTENDED.findall(path.read_text("utf-8"))}


def test_the_comparison_sees_each_difference() -> None:
    spec = {"config": {"type": "list", "elements": "dict", "options": {"psk": {"no_log": True}}}}
    same = {
        "config": {
            "description": ["Les réseaux."],
            "type": "list",
            "elements": "dict",
            "suboptions": {"psk": {"description": "La clé, un secret."}},
        }
    }
    assert normal(same, "suboptions") == normal(spec, "options")
    assert undescribed(same, spec) == []
    for change in (
        {"type": "dict"},
        {"elements": "str"},
        {"required": True},
        {"default": []},
        {"choices": ["a"]},
        {"suboptions": {}},
    ):
        assert normal({"config": same["config"] | change}, "suboptions") != normal(spec, "options")
    same["config"]["suboptions"]["psk"]["description"] = "La clé."
    assert undescribed(same, spec) == ["config.psk"]
