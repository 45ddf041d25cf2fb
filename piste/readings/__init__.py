"""Readings of the systems: one table of subjects, one store, one rule of belief."""
