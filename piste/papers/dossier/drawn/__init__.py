"""Drawings of the town: each part as plain data, drawn, and the same in a table."""
