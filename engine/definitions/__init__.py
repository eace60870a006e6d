"""What marketers wrote: campaigns and templates, their changes, and the fold of the log of changes."""
