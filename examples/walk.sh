#!/bin/sh
# The plain walk: from nothing to answers and back to nothing, one step at a time.
#
# Run it as a whole, or read it aloud and paste line by line into a shell. Everything happens in the sandbox on this
# machine; no account is needed and nothing is billed. On AWS the same lines do the same: put --target aws behind each,
# after reading what `sparkctl help up` says about costs.
#
# sparkctl is looked for in PATH, then in the build folder of this repository.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
PATH=$PATH:$here/../build
export PATH

# Says what comes next, shows the command, runs it.
step() {
	printf '\n# %s\n$ ' "$1"
	shift
	printf '%s ' "$@"
	printf '\n'
	"$@"
}

# Whatever happens below, nothing must be left behind. `down` is fine with a stack that is not there.
trap 'sparkctl down --yes --quiet >/dev/null || true' EXIT

step "What is there? Nothing yet. (This starts the sandbox, if it does not run.)" \
	sparkctl status

step "The raw data: a file of events for each day, a tiny file for each song." \
	sparkctl s3 ls s3://udacity-dend/

step "A role that COPY may take, a security group that lets only us in, a Redshift cluster." \
	sparkctl up

step "Once more: it is all there, so nothing is done. Commands can be repeated after any failure." \
	sparkctl up

step "Two staging tables that look like the files, and the star: songplays, users, songs, artists, time." \
	sparkctl create-tables

step "COPY reads the files from S3 into staging; five upserts in one transaction fill the star from it." \
	sparkctl etl

step "Redshift does not enforce keys. These queries for wrong rows are what notices a duplicate." \
	sparkctl test

step "Now the questions. When do people listen?" \
	sparkctl query -c "
		SELECT t.hour, COUNT(*) AS plays
		FROM songplays p JOIN time t ON t.start_time = p.start_time
		GROUP BY t.hour ORDER BY plays DESC LIMIT 5"

step "What do those who pay listen to, of the songs that the catalogue knows?" \
	sparkctl query -c "
		SELECT s.title, a.name AS artist, COUNT(*) AS plays
		FROM songplays p
		JOIN songs s ON s.song_id = p.song_id
		JOIN artists a ON a.artist_id = p.artist_id
		WHERE p.level = 'paid'
		GROUP BY s.title, a.name ORDER BY plays DESC, s.title LIMIT 5"

step "How many plays does the catalogue not know? Most: an inner join would have lost them." \
	sparkctl query --output csv -c "
		SELECT CASE WHEN song_id IS NULL THEN 'unknown' ELSE 'known' END AS song, COUNT(*) AS plays
		FROM songplays GROUP BY 1 ORDER BY 1"

step "What there is now, and where. With --json it also tells how psql, psycopg2 or a notebook can connect." \
	sparkctl status

step "Everything away again: in reverse order, waited for, and counted." \
	sparkctl down --yes

step "Nothing is left." \
	sparkctl status
