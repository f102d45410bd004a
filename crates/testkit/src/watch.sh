# Stops a test server when no test process has used it for a while: watch.sh INSTANCE GRACE_SECS
#
# Every test process leaves a file with its id as name in INSTANCE/clients. The order of the steps matters:
# a client first leaves its file and then looks for INSTANCE/ready; here `ready` is first taken away and then
# the files are looked at again. So one of the two always sees the other.
instance=$1 grace=$2 idle=0

has_clients() {
    found=1
    for file in "$instance"/clients/*; do
        [ -e "$file" ] || continue
        if kill -0 "${file##*/}" 2>/dev/null; then found=0; else rm -f "$file"; fi
    done
    return $found
}

while :; do
    sleep 1
    if has_clients; then idle=0; else idle=$((idle + 1)); fi
    [ "$idle" -ge "$grace" ] || continue
    mv "$instance/ready" "$instance/stopping" 2>/dev/null || break
    has_clients || break
    mv "$instance/stopping" "$instance/ready"
    idle=0
done

server=$(head -n 1 "$instance/server/data/postmaster.pid" 2>/dev/null)
if [ -n "$server" ]; then
    kill -INT "$server" 2>/dev/null
    while [ -e "$instance/server/data/postmaster.pid" ] && kill -0 "$server" 2>/dev/null; do sleep 1; done
fi
rm -rf "$instance"
