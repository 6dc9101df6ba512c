"""`python -m bench.pages`."""

if __name__ == "__main__":
    from bench.pages.command import main

    main()
