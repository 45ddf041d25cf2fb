"""Certificates as they are served or stored: their reading, and their judgment."""
