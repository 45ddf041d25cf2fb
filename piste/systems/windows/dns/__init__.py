"""Zones and records that DNS servers keep in the directory."""
