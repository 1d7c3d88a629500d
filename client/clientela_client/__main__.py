"""`python -m clientela_client` is the command `clientela`."""

from clientela_client.cli.main import main

if __name__ == "__main__":
    main()
