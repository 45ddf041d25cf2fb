"""Switches of the Windows servers: limits, authentication, unknowns of the real system."""

from __future__ import annotations

from dataclasses import dataclass

from lab.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of all servers; change them at any time.

    max_shells   open shells of an account at a time (`MaxShellsPerUser`, 30 by default)
    max_size     bytes of a request (`MaxEnvelopeSizekb`, 500 by default)
    basic, ntlm  the authentications that servers offer
    ordered      whether an import refuses properties that are not in the order of exports
    deaf         whether servers are Windows Server 2019 as installed, whose firewall blocks RADIUS
    constrained  whether PowerShell runs in the constrained language, which the frame of the snippets cannot use
    orphan       whether a deleted account is still among the local administrators
    noisy        whether PowerShell writes a warning before the answer of a snippet
    silence      seconds that a silenced server lets its clients wait
    """

    max_shells: int = 30
    max_size: int = 512_000
    basic: bool = True
    ntlm: bool = True
    ordered: bool = True
    deaf: bool = False
    constrained: bool = False
    orphan: bool = False
    noisy: bool = False
    silence: float = 60.0
