"""`oncue.js`, the tracker of web pages: its source, what is built of it, and how it is served."""
