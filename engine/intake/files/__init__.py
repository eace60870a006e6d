"""Files of a back office: bytes as they arrive become objects, as HTTP would have brought them."""
