"""Accounts of every system: their reading, the join with the declaration, F19, the review."""
