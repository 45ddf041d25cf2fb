"""Orders of the contract: their day and amount, and the days for which the list is whole."""

from __future__ import annotations

from typing import Annotated, TypedDict

from pydantic import Field

from .forms import Date, Form, data


class DeclaredOrder(Form):
    """An order; `amount` is in euros without tax."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]
    date: Date
    what: str
    amount: Annotated[float, Field(ge=0, le=1_000_000, strict=False)]


class DeclaredOrders(Form):
    """The orders, and the days for which a person says that they are all there."""

    since: Date
    until: Date
    entries: list[DeclaredOrder] = Field(default_factory=list)


class Order(TypedDict):
    """An order; `date` is a day, `amount` in euros without tax."""

    id: str
    date: str
    what: str
    amount: float


class Orders(TypedDict):
    """The orders; `since` and `until` are days, both included."""

    since: str
    until: str
    entries: list[Order]


def derive_orders(declared: DeclaredOrders | None) -> Orders | None:
    made: Orders | None = data(declared) if declared else None
    return made
