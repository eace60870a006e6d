"""Keeps a set of processes alive: starts them in order, starts again who died, ends them all."""
