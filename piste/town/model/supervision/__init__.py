"""Supervision: what is watched, how, and by whom it is read."""
