"""What is kept up to date with each write: totals, facts of standing, thresholds over all customers."""
