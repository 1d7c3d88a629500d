"""How a server is found and trusted: settings, discovery, and TLS."""
