"""Counts what start, resolve-warm, lock-warm, the no-ops and their like cost in instructions, and compares with
tests/bench/gates.json."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bench"))
import gates

sys.exit(gates.main())
