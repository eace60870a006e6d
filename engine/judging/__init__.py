"""Rules evaluated: of one customer, at one instant, under one version of the definitions."""
