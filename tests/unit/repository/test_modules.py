"""The Ansible modules as a set: named apart from Ansible's own, complete, documented as they behave."""

import ast
import importlib
from pathlib import Path
from typing import Any

import ansible
import pytest
import yaml

from tests.unit.repository.tree import ROOT

LIBRARY = {path.stem: path for path in sorted((ROOT / "library").glob("*.py"))}
SECRET = ("secret", "masqu")


def specs() -> dict[str, Any]:
    """Read the argument specs from the dispatcher: {module: {option: {type, required, options…}}}."""
    modules = importlib.import_module("piste.dispatch").MODULES
    return {name: module.argument_spec for name, module in modules.items()}


def document(path: Path, name: str) -> Any:
    """Parse the YAML text that a module file assigns to `name`."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            return yaml.safe_load(ast.literal_eval(node.value))
    raise AssertionError(f"{path.name} assigns no {name}")


def normal(options: dict[str, Any] | None, children: str) -> dict[str, Any]:
    """Write documented or specified options in one form; `children` is where nested options lie."""
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
    """List the options without a description, and the masked ones whose description does not say so."""
    found = []
    for name, option in documented.items():
        text = str(option.get("description") or "").lower()
        masked = spec[name].get("no_log", False)
        if not text or (masked and not any(word in text for word in SECRET)):
            found.append(path + name)
        below = option.get("suboptions") or {}, spec[name].get("options") or {}
        found += undescribed(*below, f"{path}{name}.")
    return found


def test_module_action_plugin_and_dispatcher_name_the_same_modules() -> None:
    actions = {path.stem for path in (ROOT / "action_plugins").glob("*.py")}
    assert LIBRARY.keys() == actions == specs().keys()
    assert LIBRARY


def test_no_module_bears_a_name_that_ansible_ships_or_routes_elsewhere() -> None:
    home = Path(ansible.__file__).parent
    runtime = yaml.safe_load((home / "config/ansible_builtin_runtime.yml").read_text("utf-8"))
    routed = runtime["plugin_routing"]["modules"].keys() | runtime["plugin_routing"]["action"].keys()
    taken = routed | {path.stem for path in home.glob("modules/*.py")}
    assert {"meraki_network", "meraki_ssid", "copy"} <= taken
    assert LIBRARY.keys() & taken == set()


@pytest.mark.parametrize("name", LIBRARY)
def test_documentation_equals_the_argument_spec(name: str) -> None:
    documented = document(LIBRARY[name], "DOCUMENTATION")
    spec = specs()[name]
    assert documented["module"] == name
    assert normal(documented["options"], "suboptions") == normal(spec, "options")
    assert undescribed(documented["options"], spec) == []


@pytest.mark.parametrize("name", LIBRARY)
def test_every_module_shows_examples_and_what_it_returns(name: str) -> None:
    examples = document(LIBRARY[name], "EXAMPLES")
    assert examples
    assert all(name in task for task in examples)
    assert document(LIBRARY[name], "RETURN").keys()


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
