"""Files of the back office: read as they arrive, checked like requests, appended to the log."""
