"""What a person starts: the command line, the embedded stack, replay, simulation, demo."""
