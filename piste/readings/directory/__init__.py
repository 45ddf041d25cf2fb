"""Weak points of the directory: each point of the agency, and the level that they bound."""
