"""Lots of thin clients: their sites, their machines, the study before them (CCTP 4.1.3)."""
