"""Which rows teach, choose and measure; only those that teach can be repeated."""
