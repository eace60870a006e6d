"""Send a file of recorded events to a collector again, faster than it happened and dated now."""
