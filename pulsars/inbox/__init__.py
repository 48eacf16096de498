"""Files that arrive: seen, remembered, copied, set aside."""
