"""What comes in over HTTP: the collector, links in messages, the administration, one page."""
