"""Write the options of modules, and their shared fragments, from the tables.

With `--check`, only list the files that are out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from piste.dispatch import MODULES

ROOT = Path(__file__).parent.parent
SHARED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "meraki": ("meraki_checks", ("dashboard",)),
    "smc": ("smc_checks", ("smc",)),
    "prism": ("prism_checks", ("prism",)),
    "foreign": ("prism_checks", ("apart",)),
    "zabbix": ("zabbix_host_groups", ("zabbix",)),
    "glpi": ("glpi_checks", ("glpi",)),
    "smb": ("storage_scan", ("smb",)),
    "veeam": ("veeam_checks", ("veeam",)),
    "nexus": ("nexus_checks", ("nexus", "declared", "switches")),
    "domain": ("ad_checks", ("domain",)),
    "winrm": ("winrm_checks", ("winrm",)),
    "administrators": ("ad_administrators", ("outgoing", "remove", "known")),
    "task": ("ad_groups", ("owner", "confirm", "as_found", "max_removals")),
    "kind": ("ad_groups", ("absent", "survey", "plan", "secrets", "secrets_lock")),
    "states": ("ad_groups", ("state",)),
    "partial_states": ("prism_vms", ("state",)),
    "of_domain": (
        "piste_network",
        ("site", "state", "absent", "undo", "survey", "plan", "secrets", "secrets_lock"),
    ),
}
"""By fragment: a module that has its options, and their names. Every module with the same options extends it."""

WIDTH = 120
REPEATED = 4
"""Values within a part from which it is written once, under an anchor, where it comes again."""

FRAGMENTS = '''# SPDX-License-Identifier: EUPL-1.2
"""Options that several modules have. Written by `scripts/document.py`."""

from __future__ import annotations


class ModuleDocFragment:
'''
DOCUMENTATION = re.compile(r'(?<=^DOCUMENTATION = r"""\n).*?(?=^""")', re.DOTALL | re.MULTILINE)


def files() -> Iterator[tuple[Path, str]]:
    """Each file that holds options, with the text that the tables give it."""
    shared = {
        f"options.{name}": {option: MODULES[module].documented_options[option] for option in options}
        for name, (module, options) in SHARED.items()
    }
    parts = (
        f'    {name.partition(".")[2].upper()} = r"""\n---\n{dump({"options": options})}"""\n'
        for name, options in shared.items()
    )
    yield ROOT / "doc_fragments/options.py", FRAGMENTS + "\n".join(parts)
    for name, module in sorted(MODULES.items()):
        path = ROOT / f"library/{name}.py"
        text = path.read_text("utf-8")
        written = DOCUMENTATION.search(text)
        if not written:
            raise SystemExit(f"library/{name}.py : pas de bloc DOCUMENTATION")
        documented = dump(extending(yaml.safe_load(written[0]), module.documented_options, shared))
        yield path, f"{text[: written.start()]}---\n{documented}{text[written.end() :]}"


def extending(
    written: Mapping[str, Any], options: Mapping[str, Any], shared: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A DOCUMENTATION with these options, those of fragments by reference; the rest is kept."""
    extended = [name for name in written.get("extends_documentation_fragment", ()) if name not in shared]
    extended += [name for name, part in shared.items() if part.items() <= options.items()]
    taken = {option for name in extended for option in shared.get(name, ())}
    kept = {key: value for key, value in written.items() if key != "extends_documentation_fragment"}
    kept["options"] = {option: value for option, value in options.items() if option not in taken}
    return {**kept, "extends_documentation_fragment": extended} if extended else kept


class _Words(list[Any]):
    """A list to be written on a line."""


class _Dumper(yaml.SafeDumper):
    """A writer that names each anchor after the first option that has the value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names: dict[yaml.Node, str] = {}

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return isinstance(data, _Words) or not isinstance(data, dict | list)

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        node = super().represent_mapping(tag, mapping, flow_style)
        for option, value in node.value:
            self.names.setdefault(value, option.value)
            for key, part in value.value if isinstance(value, yaml.MappingNode) else ():
                if key.value == self.names[part] == "suboptions":
                    self.names[part] = option.value
        return node

    def generate_anchor(self, node: yaml.Node) -> str:
        name, taken = self.names.get(node, "repeated"), {*self.anchors.values()}
        return next(free for free in (name, *(f"{name}_{n}" for n in range(2, 1000))) if free not in taken)


_Dumper.add_representer(_Words, lambda dumper, words: dumper.represent_sequence("tag:yaml.org,2002:seq", words, True))


def dump(value: Mapping[str, Any]) -> str:
    """Write a value as YAML, its repeated parts once."""
    prepared = _prepared(value, "", {})
    return yaml.dump(prepared, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


def _prepared(value: Any, key: str, known: dict[str, Any]) -> Any:
    """The value with equal parts as a single object, short lists inline and single texts bare."""
    if isinstance(value, list) and key == "description" and len(value) == 1:
        return value[0]
    if isinstance(value, list) and key in ("choices", "default", "extends_documentation_fragment"):
        return _Words(value)
    if isinstance(value, list):
        prepared: Any = [_prepared(item, "", known) for item in value]
    elif isinstance(value, dict):
        prepared = {name: _prepared(item, name, known) for name, item in value.items()}
    else:
        return value
    return known.setdefault(json.dumps(value), prepared) if _count(value) >= REPEATED else prepared


def _count(value: Any) -> int:
    if isinstance(value, dict | list):
        return sum(map(_count, value.values() if isinstance(value, dict) else value))
    return 1


def main() -> None:
    stale = []
    for path, text in files():
        if not path.exists() or text != path.read_text("utf-8"):
            stale.append(str(path.relative_to(ROOT)))
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    if stale and "--check" in sys.argv:
        raise SystemExit(f"documentation en retard sur les tables : {', '.join(stale)} ; lancez make docs")


if __name__ == "__main__":
    main()
