"""Inventories from elsewhere: read within bounds, matched with the assets, planned."""
