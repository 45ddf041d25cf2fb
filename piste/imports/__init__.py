"""Inventories from elsewhere: read within bounds, matched with the assets, planned before any write."""
