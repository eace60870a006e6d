"""The rule language: what may be asked of a customer, as a tree and as text."""
