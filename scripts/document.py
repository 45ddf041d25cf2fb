"""Write the options of modules, and their shared fragments, from the tables.

With `--check`, only list the files that are out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from piste.engine.converge.module import Module
from piste.engine.converge.resource import UNSET, Field
from piste.runs.dispatch import MODULES
from piste.runs.modules import READ, READS, SUBJECTS
from piste.runs.read import MODULES as READING
from piste.runs.read import of

ROOT = Path(__file__).parent.parent
SHARED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "meraki": ("meraki_networks", ("dashboard",)),
    "smc": ("smc_elements", ("smc",)),
    "prism": ("prism_vms", ("prism",)),
    "foreign": ("prism_vms", ("apart",)),
    "zabbix": ("zabbix_host_groups", ("zabbix",)),
    "glpi": ("glpi_lists", ("glpi",)),
    "domain": ("ad_groups", ("domain",)),
    "winrm": ("win_print_queues", ("winrm",)),
    "administrators": ("ad_administrators", ("outgoing", "remove", "kept", "town", "known", "accounts", "plan")),
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
    for name in sorted(MODULES):
        module = documented(name)
        path = ROOT / f"library/{name}.py"
        text = path.read_text("utf-8")
        written = DOCUMENTATION.search(text)
        if not written:
            raise SystemExit(f"library/{name}.py : pas de bloc DOCUMENTATION")
        kept = yaml.safe_load(written[0])
        said = {"notes": [*notes()]} if name == READ else {}
        text_of = dump(extending({**kept, **said}, module.documented_options, shared))
        yield path, f"{text[: written.start()]}---\n{text_of}{text[written.end() :]}"


def documented(name: str) -> Module:
    """A module with all its options; that which reads has those of every subject."""
    if name != READ:
        return MODULES[name]
    options: dict[str, dict[str, Field]] = {}
    for subject in READS:
        for option in of(subject).options:
            options.setdefault(option.name, {})[subject] = option
    own = READING[READ]
    return replace(own, options=(*own.options, *map(_of_all, options.values())))


def _of_all(options: Mapping[str, Field]) -> Field:
    """A single option for those that subjects have under the same name."""
    first, *others = (replace(option, doc="", required=False, default=UNSET) for option in options.values())
    alike = all(other == first for other in others)
    defaults = [option.default for option in options.values()]
    texts: dict[str, list[str]] = {}
    for subject, option in options.items():
        texts.setdefault(option.doc, []).append(f"C({subject})" if alike else f"C({subject}) ({option.type})")
    lines = [text if len(texts) == 1 else f"{', '.join(subjects)}: {text}" for text, subjects in texts.items()]
    if not alike:
        return Field(first.name, " ".join(lines), type="raw", no_log=any(option.no_log for option in options.values()))
    default = defaults[0] if all(default == defaults[0] for default in defaults) else UNSET
    return replace(first, doc=" ".join(lines), default=default)


def notes() -> Iterator[str]:
    """A line a subject: the system that it asks, and its options."""
    for system, places in SUBJECTS.items():
        for subject in places:
            options = of(subject).options
            due = _listed([option.name for option in options if option.required])
            free = _listed([option.name for option in options if not option.required])
            yield f"C({subject}) asks {system}. It takes {due or 'no option'}{f'; it may take {free}' if free else ''}."


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"I({name})" for name in names)


def extending(
    written: Mapping[str, Any], options: Mapping[str, Any], shared: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A DOCUMENTATION with these options, those of fragments by reference; the rest is kept.

    An option that a fragment asks for may be free here: ansible merges by key.
    """
    extended = [name for name in written.get("extends_documentation_fragment", ()) if name not in shared]
    for name, part in shared.items():
        if all(_fits(value, options.get(option)) for option, value in part.items()):
            extended.append(name)
    taken = {option: value for name in extended for option, value in shared.get(name, {}).items()}
    kept = {key: value for key, value in written.items() if key != "extends_documentation_fragment"}
    kept["options"] = {
        option: {"required": False} if option in taken else value
        for option, value in options.items()
        if taken.get(option) != value
    }
    return {**kept, "extends_documentation_fragment": extended} if extended else kept


def _fits(shared: Mapping[str, Any], option: Mapping[str, Any] | None) -> bool:
    return option is not None and shared in (option, {**option, "required": True})


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
