#!/bin/sh
# What a load looks like that fails, and how it is mended: one value in one of many files does not fit its column.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
PATH=$PATH:$here/../build
export PATH
work=$(mktemp -d)
trap 'rm -rf "$work"; sparkctl down broken --yes --quiet >/dev/null || true' EXIT

echo "# A small data set of our own, and a bucket for it."
sparkctl generate "$work/set" --events 500 --songs 50 --users 10 --days 5
sparkctl s3 mb s3://broken-copy || true
sparkctl s3 rm --recursive s3://broken-copy/

echo
echo "# Somebody's export wrote a word where the status of a request belongs."
day=$work/set/log_data/2018/11/2018-11-03-events.json
sed -i '7s/"status":[0-9]*/"status":"teapot"/' "$day"
sparkctl s3 cp --recursive "$work/set" s3://broken-copy

where="--log-data s3://broken-copy/log_data --song-data s3://broken-copy/song_data"
where="$where --log-jsonpath s3://broken-copy/log_json_path.json"

echo
echo "# The load stops, and says in which file, in which line, what it found and what the column wants."
sparkctl up broken --quiet --also-read s3://broken-copy/
sparkctl create-tables --stack broken --quiet
# shellcheck disable=SC2086 # the options are meant to be split
sparkctl etl --stack broken $where && exit 1

echo
echo "# Nothing of the broken load was kept:"
sparkctl query --stack broken -c "SELECT COUNT(*) AS events FROM staging_events"

echo
echo "# Mended and copied again, the same command goes through."
sed -i '7s/"status":"teapot"/"status":200/' "$day"
sparkctl s3 cp "$day" s3://broken-copy/log_data/2018/11/
# shellcheck disable=SC2086
sparkctl etl --stack broken $where
sparkctl query --stack broken -c "SELECT COUNT(*) AS events FROM staging_events"

sparkctl down broken --yes
sparkctl s3 rb --force s3://broken-copy
