"""`python -m bench.gradebook`."""

if __name__ == "__main__":
    from bench.gradebook.command import main

    main()
