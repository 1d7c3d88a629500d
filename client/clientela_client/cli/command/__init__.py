"""What every command shares: global options, its context, exit codes, completion."""
