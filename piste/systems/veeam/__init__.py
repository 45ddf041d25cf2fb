"""Veeam Backup & Replication: its copies are read and judged, nothing is written."""
