"""From what a source sent to an event: checks, normalising, row keys; for collector and doors."""
