"""Conditions on one event or purchase: what a metric's filter needs of the rule language."""
