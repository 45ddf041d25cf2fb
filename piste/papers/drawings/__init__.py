"""Drawings as SVG: links, racks, front panels, heat tables. They know no town.

The layout of links is that of `graphlay` (MIT or Apache-2.0; wheels for every system, no dependency, same result from
run to run): `layout_tree` keeps the declared order of things, `reroute` leads the links around them. networkx places
points without a size, routes nothing and needs numpy; grandalf has had no release since 2023, and needs a router.
"""
