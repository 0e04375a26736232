"""The use cases, a file each; the only rooms that see both the pure ones and the outside."""
