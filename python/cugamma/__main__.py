"""python -m cugamma search ...: the program cugamma."""

from cugamma._program import main

if __name__ == "__main__":
    main()
