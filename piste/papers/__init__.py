"""The blocks that documents are made of, and the drawings in them."""
