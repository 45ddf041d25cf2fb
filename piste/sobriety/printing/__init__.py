"""Pages of copiers and of the print server: sources, quotas, lists to act on."""
