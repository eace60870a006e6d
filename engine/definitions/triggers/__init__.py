"""What lets customers into a campaign, as its author writes it: one struct for each type."""
