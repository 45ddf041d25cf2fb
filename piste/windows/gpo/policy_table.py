"""The administrative-template settings that a town needs, by readable name: one line each, sorted, a file a subject.

Keys, values and enumerations were each compared with the ADMX file that the line names.
"""

from __future__ import annotations

from typing import Final

from piste.windows.gpo import (
    policy_table_applications,
    policy_table_power,
    policy_table_security,
    policy_table_windows,
)
from piste.windows.gpo.policy import Policy

TABLE: Final[tuple[Policy, ...]] = (
    *policy_table_applications.POLICIES,
    *policy_table_power.POLICIES,
    *policy_table_security.POLICIES,
    *policy_table_windows.POLICIES,
)
"""Every policy that has a readable name."""
