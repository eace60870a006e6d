"""The page people open first: read-only, without a build step."""
