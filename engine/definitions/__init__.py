"""What marketers wrote: campaigns, templates, their changes, and the fold of all changes."""
