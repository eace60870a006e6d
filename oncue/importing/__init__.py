"""Send a file of the back office to a running installation, and tell what was refused of it."""
