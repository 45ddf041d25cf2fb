"""The probe: what a computer sees at a place of a site, compared with the declaration."""
