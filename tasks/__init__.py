"""One Prefect task a step, and what they share."""
