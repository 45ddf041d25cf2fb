"""The logs of the town: collector, sources with their rhythm, personal data that they keep."""
