#!/usr/bin/python3
"""Reads the star with psycopg2, connecting with what `sparkctl status --json` tells.

    sparkctl run --no-destroy
    examples/connect.py
    sparkctl down --yes
"""

import json
import os
import subprocess
import sys

import psycopg2

here = os.path.dirname(os.path.abspath(__file__))
path = os.environ["PATH"] + os.pathsep + os.path.join(here, "..", "build")
status = subprocess.run(["sparkctl", "status", "--json", *sys.argv[1:]], env={**os.environ, "PATH": path},
                        stdout=subprocess.PIPE, check=True)
connection = json.loads(status.stdout).get("connection")
if not connection:
    sys.exit("there is no cluster to connect to: 'sparkctl run --no-destroy' makes one")

# The password is a temporary one; ask again when it has expired.
with psycopg2.connect(host=connection["host"], port=connection["port"], dbname=connection["dbname"],
                      user=connection["user"], password=connection["password"],
                      sslmode=connection["sslmode"], sslrootcert=connection["sslrootcert"]) as database:
    with database.cursor() as cursor:
        cursor.execute("""
            SELECT u.gender, p.level, COUNT(*) AS plays
            FROM songplays p JOIN users u ON u.user_id = p.user_id
            WHERE p.start_time < %s
            GROUP BY u.gender, p.level ORDER BY plays DESC""", ("2018-11-15",))
        print(f"{'gender':8}{'level':8}{'plays':>8}")
        for gender, level, plays in cursor:
            print(f"{gender:8}{level:8}{plays:8}")
database.close()
