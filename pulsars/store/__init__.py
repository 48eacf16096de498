"""What rests below the artifact root: written whole, found again, never changed."""
