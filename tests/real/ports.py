"""Ports for clusters. AWS allows few for the node types of today, and tests run side by side: a lock on a file of a folder that
all of them share (tests/cli/harness.py too) keeps a port for one test until it ends, also while its cluster is down."""

import fcntl
import os
import random
import socket

held = []  # locks, until the test ends


def free_port():
    folder = "/tmp/sparkctl-test-ports.%d" % os.getuid()
    os.makedirs(folder, exist_ok=True)
    ports = [*range(5431, 5456), *range(8191, 8216)]
    random.shuffle(ports)
    for port in ports:
        lock = open("%s/%d" % (folder, port), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        held.append(lock)
        return port
    raise AssertionError("no port that a cluster may have is free on this machine")
