"""The JSON shapes of the API: what may be asked and what is answered."""
