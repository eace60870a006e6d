"""The worker: one owner per partition of `events`, the clock, and the Faust app around them."""
