"""Wi-Fi: the SSIDs of the town and of each site."""
