# SPDX-License-Identifier: EUPL-1.2
"""Behaviour of modules in check mode and in diff mode."""

from __future__ import annotations


class ModuleDocFragment:
    CONVERGES = r"""
attributes:
  check_mode:
    support: full
    description: Plans and writes nothing; the operations are those of the run.
  diff_mode:
    support: full
    description: Shows each object that changes, before and after, as YAML.
"""

    READS = r"""
attributes:
  check_mode:
    support: full
    description: Reads only.
"""

    WRITES = r"""
attributes:
  check_mode:
    support: full
    description: Writes nothing; names what would be written.
"""

    REMOVES_ACCOUNTS = r"""
attributes:
  check_mode:
    support: full
    description: Removes nobody.
"""
