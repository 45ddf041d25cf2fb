"""JSON Schemas of the files of the declaration, for editors."""
