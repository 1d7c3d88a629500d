"""Output for people and programs: views, tables, reports, and the `--wire` log."""
