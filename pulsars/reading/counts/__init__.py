"""What is counted over accepted rows, part by part: it adds up, and is looked up again."""
