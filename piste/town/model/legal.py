"""Legal notice of the town's pages: who publishes and who hosts them, who answers for them.

Source: law 2004-575 of 21 June 2004 on confidence in the digital economy (identity of publishers and of hosts).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .forms import Mail, Marked

Line = Annotated[str, Field(min_length=1, max_length=200)]


class LegalNotice(Marked):
    """The notice; the publisher is the town itself.

    `data_protection` is the address of its data protection officer.
    """

    address: Line | None = None
    phone: Line | None = None
    director: Line | None = None
    host: Line | None = None
    host_address: Line | None = None
    host_phone: Line | None = None
    data_protection: Mail | None = None
