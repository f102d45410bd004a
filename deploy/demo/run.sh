#!/usr/bin/env bash
# A sample AWS Organization behind a stand-in, a real sync of it into the embedded PostgreSQL, and questions to the graph.
# Everything it makes is in .demo; everything it starts is stopped at the end.
set -euo pipefail
cd "$(dirname "$0")/../.."
demo=$PWD/.demo
python=$PWD/.venv/bin/python

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

title "Building orgraph"
# All packages at once, as the tests build them: with other features the AWS SDK would be compiled once more.
cargo build --locked --workspace --bins
orgraph=${CARGO_TARGET_DIR:-$PWD/target}/debug/orgraph

# A new organization has new accounts, so a graph of the last demo would be a graph of another one.
rm -rf "$demo"
mkdir -p "$demo"
# The embedded PostgreSQL does not run as root: its account has to get to its folder.
chmod 0711 "$demo"

title "Starting the AWS stand-in"
mkfifo "$demo/alive"
STAND_IN_STDIN=1 "$python" tests/aws/stand_in.py 0 <"$demo/alive" >"$demo/stand-in.out" 2>"$demo/stand-in.log" &
stand_in=$!
exec 9>"$demo/alive" # it ends when this end of the pipe closes, however this script ends
trap 'exec 9>&-; kill "$stand_in" 2>/dev/null || true; wait "$stand_in" || true' EXIT
for _ in $(seq 300); do
    [ -s "$demo/stand-in.out" ] && break
    kill -0 "$stand_in" 2>/dev/null || { cat "$demo/stand-in.log" >&2; exit 1; }
    sleep 0.1
done
endpoint=$(awk '{print $NF}' "$demo/stand-in.out")
echo "$endpoint"

title "Creating a sample organization: 9 accounts, 2 regions"
"$python" tests/aws/seed.py --endpoint "$endpoint" --scenario demo >"$demo/seed.json"
seeded() { "$python" -c 'import json, sys
value = json.load(open(sys.argv[1]))
for name in sys.argv[2].split("."):
    value = value[name]
print(value)' "$demo/seed.json" "$1"; }
AWS_ACCESS_KEY_ID=$(seeded caller.access_key_id)
AWS_SECRET_ACCESS_KEY=$(seeded caller.secret_access_key)
AWS_REGION=$(seeded caller.region)
ORGRAPH_EXTERNAL_ID=$(seeded external_id)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION ORGRAPH_EXTERNAL_ID
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
unset AWS_PROFILE AWS_SESSION_TOKEN
sed "s|ENDPOINT|$endpoint|" deploy/demo/orgraph.toml >"$demo/orgraph.toml"

title "orgraph sync"
# 3 means degraded: one account of the sample has a role with another external ID, and has to be reported.
"$orgraph" --config "$demo/orgraph.toml" sync || [ $? = 3 ]

title "orgraph accounts"
"$orgraph" --config "$demo/orgraph.toml" accounts

title "The graph, in SQL (deploy/demo/queries.sql)"
"$orgraph" --config "$demo/orgraph.toml" db psql -- --no-psqlrc --pset pager=off --set ON_ERROR_STOP=1 --file deploy/demo/queries.sql

title "What next"
cat <<TEXT
The graph is in .demo/database. Ask it something else (after the demo the stand-in is gone, the graph stays):
  $orgraph --config .demo/orgraph.toml db psql

Against your own AWS Organization:
  1. Create the role orgraph-reader in every account with deploy/cloudformation or deploy/terraform. Its policy is
     generated from the calls that are made; its trust policy asks for an external ID that only you and orgraph know.
  2. cp config/orgraph.minimal.toml orgraph.toml
  3. ORGRAPH_EXTERNAL_ID=... $orgraph --config orgraph.toml check
     ORGRAPH_EXTERNAL_ID=... $orgraph --config orgraph.toml sync
  4. To keep it up to date: orgraph run, or deploy/systemd/orgraph.service.
TEXT
