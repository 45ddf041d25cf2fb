"""Forcepoint's Security Management Center: its client, its elements, the ordered rules of its policies."""
