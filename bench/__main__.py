"""`python -m bench`."""

if __name__ == "__main__":  # examiners import this module again when they start: nothing else runs then
    from bench.command import main

    main()
