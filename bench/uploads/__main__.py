"""`python -m bench.uploads`."""

if __name__ == "__main__":  # examiners import this module again when they start: nothing else runs then
    from bench.uploads.command import main

    main()
