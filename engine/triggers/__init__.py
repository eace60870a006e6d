"""What lets customers into campaigns: one machine for each type of trigger."""
