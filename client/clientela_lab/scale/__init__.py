"""`make scale`: several servers of ours on one PostgreSQL."""
