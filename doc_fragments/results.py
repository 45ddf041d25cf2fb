# SPDX-License-Identifier: EUPL-1.2
"""Results that several modules return.

A module with a sample of its own writes the whole entry again: ansible merges by key.
"""

from __future__ import annotations


class ModuleDocFragment:
    CALLS = r"""
calls:
  description: Requests sent, C(reads) and C(writes).
  returned: always
  type: dict
"""

    SNIPPETS = r"""
calls:
  description: Snippets run, C(reads) and C(writes).
  returned: always
  type: dict
"""

    CONVERGED = r"""
operations:
  description: Operations that were done (or would be), in order, one entry an object; secrets by fingerprint only.
  returned: always
  type: list
  elements: dict
summary:
  description: The operations, one readable line each.
  returned: always
  type: list
  elements: str
withheld:
  description: Operations not done for want of a secret or of a confirmation.
  returned: always
  type: list
  elements: str
refused:
  description: What the run would refuse, as check mode foresees it; C(withheld) has it too.
  returned: in check mode, where there is any
  type: list
  elements: str
stays:
  description: Live objects left where they are until a step of its own, by kind and key; C(withheld) says why.
  returned: in check mode, where there is any
  type: list
  elements: dict
"""

    KIND = r"""
gathered:
  description: Live objects, in the form of C(config).
  returned: when I(state=gathered)
  type: list
  elements: dict
"""

    DOMAIN = r"""
kinds:
  description: Number of operations of each kind, by its name; a kind that was skipped is not there.
  returned: always
  type: dict
gathered:
  description: Live objects, by kind, in the form of C(config).
  returned: when I(state=gathered)
  type: dict
"""

    FOREIGN = r"""
apart:
  description: Number of objects of the kind that belong to another tool, and were left alone.
  returned: always
  type: int
"""

    ADMINISTRATORS = r"""
administrators:
  description: Every account; C(whole) where it can do everything, C(outgoing) where it leaves. What the system
    does not say is null.
  returned: always
  type: list
  elements: dict
  sample:
    - {name: dsi@lebourget.example, other_names: [DSI], whole: true, person: true, reads: false, active: true,
       mfa: true, used_at: "2026-11-30T08:12:00+00:00", key_from: null, ends: null, roles: [full], outgoing: false}
removed:
  description: Names of the accounts that were removed.
  returned: always
  type: list
  elements: str
findings:
  description: One finding on the accounts that leave, C(ok) where none is there any more.
  returned: always
  type: list
  elements: dict
orphans:
  description: C(kind), C(key) and C(why) an administrator that nobody declares.
  returned: where C(known) is given
  type: list
  elements: dict
"""
