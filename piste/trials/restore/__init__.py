"""Restore tests: a copy comes back elsewhere, is probed, is removed; the proof is kept."""
