"""The report of a month, of a quarter, of a year, from what was kept in it."""
