"""How weights are found fast: batches down the slope, many models at once, Newton's method."""
