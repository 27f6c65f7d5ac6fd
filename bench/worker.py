"""One peer in its own process: it answers what `bench.measure.Process` asks, one thing at a time.

A question is a pickled ``(command, arguments)``, an answer ``(failed, value)``; the commands are
the functions below. What a library prints goes to the error stream, out of the way.
"""

import os
import pickle
import sys
import time
import traceback

import psutil

_peer = None  # the class, then
_runner = None  # its work in progress


def load(peer):
    """Import the peer's library; return seconds."""
    global _peer
    began = time.perf_counter()
    _peer = peer.load()
    return time.perf_counter() - began


def start(work):
    """Set up and run through all batches once, compiling whatever is compiled; return seconds."""
    global _runner
    began = time.perf_counter()
    _runner = _peer(work)
    _runner.run(len(work.X))
    return time.perf_counter() - began


def run(steps):
    """Train on; return seconds by the clock, and of the processor in all threads."""
    cpu, wall = time.process_time(), time.perf_counter()
    _runner.run(steps)
    return time.perf_counter() - wall, time.process_time() - cpu


def parameters():
    """Return weights and thresholds."""
    return tuple([*blocks] for blocks in _runner.parameters())


def memory():
    """Return the process's memory in MB."""
    return psutil.Process().memory_info().rss / 1e6


def call(function):
    """Return what a function returns in this process, on one thread."""
    return function()


def main():
    """Answer until the pipe is closed."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    commands = {f.__name__: f for f in (load, start, run, parameters, memory, call)}
    while True:
        try:
            command, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = False, commands[command](*arguments)
        except Exception:
            answer = True, traceback.format_exc()
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
