"""Search: how text becomes terms, the search port and its engines."""
