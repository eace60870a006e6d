"""From what a source sent to an event: checks, normalising, row keys. Collector and doors share it."""
