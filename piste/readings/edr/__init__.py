"""Agents of the anti-virus (EDR), joined to the computers and servers of the town."""
