"""The documents of a site: the same data as JSON, as a page and as an archival PDF."""
