"""The rule language in SQL: the same verdicts as `engine.judging`, for everybody at once."""
