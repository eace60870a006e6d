"""A customer's runs through campaigns: in by a trigger, from step to step, and out again."""
