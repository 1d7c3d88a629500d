"""What all commands share: global options, the command context, exit codes, completion."""
