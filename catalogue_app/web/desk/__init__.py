"""The desk: the municipal information department reviews what organs hand in."""
