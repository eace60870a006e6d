"""What leaves: rendering, signed links, and one module per way of sending."""
