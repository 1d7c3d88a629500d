"""Real servers as child processes: ours, PostgreSQL and Envoy."""
