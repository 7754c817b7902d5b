"""The program's body.

This stands before anything that loads NumPy, whose library of linear algebra reads it once. A prediction multiplies
small matrices; on a busy machine threads that wait for each other over these took more than twenty times the processor
time of one that did it alone.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
