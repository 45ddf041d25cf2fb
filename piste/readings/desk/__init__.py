"""Tickets of the service desk, counted by month."""
