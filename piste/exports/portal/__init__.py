"""The portal: the town as static pages, in an edition for each audience."""
