"""A world of logs in memory in which our own worker, door and delivery run, crash and linger."""
