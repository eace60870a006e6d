"""Lists of the profile that others keep for us: bonuses, promo codes, tags, surveys."""
