"""The RADIUS servers of the lab: FreeRADIUS does what each NPS is configured to do, beside the real directory."""
