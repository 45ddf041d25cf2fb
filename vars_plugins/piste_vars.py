# SPDX-License-Identifier: EUPL-1.2
"""Read the variables of an inventory: data as data, and the files of a host merged once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.vars import host_group_vars
from ansible.template import trust_as_template
from ansible.utils.vars import combine_vars

DOCUMENTATION = r"""
---
name: piste_vars
short_description: Read group_vars and host_vars in less time
description:
  - Gives what C(ansible.builtin.host_group_vars) gives, and takes its place.
  - A town declares data alone. Ansible marks each of its values with its line, and merges all files again for each host
    of each task.
  - What has a template, a vault or a fault is read by Ansible, which says what is wrong.
author: Ville du Bourget
requirements:
  - enabled in ansible.cfg
extends_documentation_fragment:
  - vars_plugin_staging
"""

_TEMPLATES = (b"{{", b"{%", b"{#")


class _Loader(yaml.CSafeLoader):
    """Refuse a key that is there twice, and every tag of Ansible."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        made = super().construct_mapping(node, deep)
        if len(made) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key is there twice", node.start_mark)
        return made


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    """Trust a text of an inventory; `ansible-inventory` would call it unsafe."""
    return trust_as_template(str(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:str", _text)


class VarsModule(host_group_vars.VarsModule):  # type: ignore[misc]
    """Ansible's own plugin; `merged` has the variables of each set of files."""

    def __init__(self) -> None:
        super().__init__()
        self.merged: dict[tuple[str, ...], dict[str, Any]] = {}

    def load_found_files(self, loader: Any, data: dict[str, Any], found_files: Sequence[Any]) -> dict[str, Any]:
        """Merge the variables of an entity into those of the entities before it."""
        files = tuple(map(str, found_files))
        if files not in self.merged:
            made: dict[str, Any] = {}
            for file in files:
                plain = _plain(file)
                made = super().load_found_files(loader, made, [file]) if plain is None else combine_vars(made, plain)
            self.merged[files] = made
        return dict(combine_vars(data, self.merged[files]))


def _plain(file: str) -> dict[str, Any] | None:
    """Read a file that is data alone; None where Ansible has to read it."""
    content = Path(file).read_bytes()
    if not file.endswith((".yml", ".yaml")) or any(sign in content for sign in _TEMPLATES):
        return None
    try:
        made = yaml.load(content, _Loader)
    except (yaml.YAMLError, UnicodeError):
        return None
    return made if isinstance(made, dict) else None
