"""Helpers of the tests: servers, stories, waiting."""
