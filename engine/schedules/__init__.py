"""When things are due: local times, delays, quiet hours, anniversaries, repeated dates."""
