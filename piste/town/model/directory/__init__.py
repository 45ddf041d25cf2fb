"""The directory: units, groups, group policies, and where these apply."""
