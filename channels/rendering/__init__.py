"""A template and what it may use, into the message a provider gets. Jinja2 lives here only."""
