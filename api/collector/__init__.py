"""Where trackers and back offices send: checked, appended, acknowledged, and only then answered."""
