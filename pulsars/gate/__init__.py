"""Who may be champion: by comparison, or by hand."""
