"""The form of what is declared of the radio of access points."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from . import values
from .schema import Form, Marked


class PowerRange(Form):
    """Powers between which an access point chooses, in dBm."""

    lowest: Annotated[int, Field(ge=2, le=30)]
    highest: Annotated[int, Field(ge=2, le=30)]

    @model_validator(mode="after")
    def _rises(self) -> PowerRange:
        if self.highest < self.lowest:
            raise values.refuse(f"la puissance la plus haute ({self.highest}) est sous la plus basse ({self.lowest})")
        return self


class ReducedPower(Marked):
    """`name` is what the radio profile is called at every site that has it."""

    name: str
    two_four_ghz: PowerRange
    five_ghz: PowerRange
