"""Facts in, a page out: words, tables, pictures, templates."""
