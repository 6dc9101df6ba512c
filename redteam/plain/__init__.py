"""Plain harnesses, as course staff would write them: what each attack must be shown to fire against."""
