"""Definitions as files: `oncue apply`, `oncue diff` and `oncue export` of a folder."""
