"""A small shop's morning: made up by a generator, told to a running installation, and checked."""
