#!/usr/bin/env bash
# Puts a file into the inbox whose columns have other names than ours, and one of which changes its type half way: `make seed-drift`.
set -euo pipefail
source Tests/background.sh

now=$(date +%s)
file=var/inbox/drift-$now.csv
mkdir -p var/inbox
Tests/Demonstration/data.sh drift "$now" >"$file.part"
mv "$file.part" "$file"
echo "Wrote $file: 1,200 rows; its timestamps are text in the first half and integers in the second. It begins:"
head -n 2 "$file"

find_server
if [[ -z $url ]]; then
    url=http://localhost:8080
    echo "No server of 'make up' is running; make up starts one, which loads the file at start. Else load it:"
else
    echo "Load it:"
fi
cat <<TEXT
  curl -s -X POST -H "Authorization: Bearer \${TOKEN:-\$(cat var/token)}" '$url/refresh?source=csv&wait=60' | jq '.run_id, .status'
What was made of its columns:
  curl -s $url/runs | jq '.[0].applied_mappings, .[0].quarantined_mappings'
  curl -s $url/runs | jq '.[0] | {schema_version, total_mappings: (.applied_mappings | length)}'
TEXT
