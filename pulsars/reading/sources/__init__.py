"""Where a file comes from: a path, an address, a folder, a store, a pipe or an archive."""
