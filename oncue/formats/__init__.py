"""Files of recorded events, line by line, as the messages a tracker would have sent."""
