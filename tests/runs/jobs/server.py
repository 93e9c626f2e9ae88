"""Start `yanglao` as processes of their own without waiting for its imports: each is a fork of this one.

Lines on stdin: ``[words of a command, file for its output]`` starts one and prints its process id;
``[id]`` waits for it and prints its exit status, negative for a signal.
"""

import json
import os
import sys
from pathlib import Path

from runs.cli.app import main


def begin(words: list[str], out: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    with Path(out).open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    main(words)  # ends this process, with everything that Python does at its end
    raise AssertionError("click returns")


def serve() -> None:
    main(sys.argv[1:], standalone_mode=False)  # imports and compiles what all of them need
    for line in sys.stdin:
        order = json.loads(line)
        if len(order) == 2:
            print("", begin(*order), flush=True)
        else:
            print("", os.waitstatus_to_exitcode(os.waitpid(order[0], 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
