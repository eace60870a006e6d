"""The shop's products and categories: folded whole by whoever decides or answers."""
