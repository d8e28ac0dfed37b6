"""The command line face: `catalogue`."""
