"""Storage on the targeted shares: a scan that reads no content it can do without, F5."""
