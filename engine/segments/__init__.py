"""Segments that are live: who is in, and what follows from entering and leaving."""
