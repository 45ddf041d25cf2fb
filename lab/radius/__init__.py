"""The RADIUS servers of the lab: FreeRADIUS, configured as each NPS is."""
