"""python -m cugamma.from_onnx model.onnx -o net.csv"""

import sys

from cugamma.from_onnx.command_line import main

if __name__ == "__main__":
    sys.exit(main())
