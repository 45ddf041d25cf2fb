"""A Veeam Backup & Replication of the lab: its REST API, read only."""
