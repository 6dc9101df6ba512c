"""`python -m bench.pushes`."""

if __name__ == "__main__":  # examiners import this module again when they start: nothing else runs then
    from bench.pushes.command import main

    main()
