"""The lab's RADIUS servers: FreeRADIUS doing what each NPS of the lab is configured to do, beside the real directory."""
