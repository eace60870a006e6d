"""What ends the demo before its summary."""


class DemoError(Exception):
    """The message is one line for people."""

    code = "demo_failed"
