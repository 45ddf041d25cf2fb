"""Forcepoint Security Management Center (SMC): client, elements, ordered rules of policies."""
