"""What the Windows servers can be told to do differently: limits, ways in, unknowns of the real system."""

from __future__ import annotations

from dataclasses import dataclass

from lab.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of all servers; change them at any time.

    max_shells   shells that an account may hold at once (`MaxShellsPerUser`, 30 unless somebody changed it)
    max_size     bytes of a request (`MaxEnvelopeSizekb`, 500)
    basic, ntlm  which authentications are offered
    ordered      whether an import refuses properties that are not in the order of exports
    deaf         whether they are Windows Server 2019 as installed, whose firewall keeps RADIUS out
    constrained  whether PowerShell runs in the constrained language, where the frame of the snippets does not
    orphan       whether an account that is gone is still among the local administrators
    noisy        whether PowerShell writes a warning of its own before a snippet's answer
    silence      seconds for which a server that was made silent keeps its clients waiting
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
