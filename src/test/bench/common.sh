# What the scripts here share: tools, folders, time.
#   BENCH_DIR=<dir>        where to work (default: a new folder in /dev/shm, so that no disk is measured; needs 10 GB)
#   BENCH_TREE=<dir>       a tree that was built before, to be copied instead of built
#   BENCH_TOOLS="a b"      of holdfast, restic, borg, tarzstd (default: all that are installed)
#   HOLDFAST="command"     what to measure (default: the native executable; without one the packaged JVM application
#                          with the flags of a mover)
set -u -o pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
java_home=${JAVA_HOME:-$(ls -d /usr/lib/jvm/*25* 2>/dev/null | head -1)}
flags="-Xmx128m -XX:MaxDirectMemorySize=64m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED"
native=$(ls -t "$here"/target/*-runner 2>/dev/null | head -1)
jvm="$java_home/bin/java $flags --sun-misc-unsafe-memory-access=allow -jar $here/target/quarkus-app/quarkus-run.jar"
holdfast=${HOLDFAST:-${native:-$jvm}}
dir=$(mktemp -d "${BENCH_DIR:-/dev/shm}/holdfast-bench-XXXXXX") || exit 2
trap 'chmod -R u+w "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export RESTIC_PASSWORD=bench BORG_PASSPHRASE=bench RESTIC_CACHE_DIR=$dir/cache BORG_BASE_DIR=$dir/borg
export BORG_RELOCATED_REPO_ACCESS_IS_OK=yes TMPDIR=$dir/tmp LC_ALL=C.UTF-8
mkdir -p "$TMPDIR"

[ -x /usr/bin/time ] || { echo "/usr/bin/time is missing: apt-get install time"; exit 2; }
# What `.ci/run node` leaves behind is built for older processors, and would be measured with slow crypto.
require_fast_crypto() {
    if grep -qw sha_ni /proc/cpuinfo && ! "$native" doctor --require-fast-crypto >/dev/null; then
        echo "$native does not use this processor's SHA and AES instructions, or cannot: see $native doctor"
        echo "./mvnw package -Dnative builds one that does; to measure this one, name it in HOLDFAST"
        exit 2
    fi
}

tools=()
for tool in ${BENCH_TOOLS:-holdfast restic borg tarzstd}; do
    case $tool in
        holdfast) [ -n "${HOLDFAST:-}" ] || [ -z "$native" ] || require_fast_crypto ;;
        tarzstd) command -v zstd >/dev/null || { echo "zstd is missing: left out"; continue; } ;;
        *) command -v "$tool" >/dev/null || { echo "$tool is missing: left out"; continue; } ;;
    esac
    tools+=("$tool")
done

# Before 0.15 restic had no such option, and writes holes as zeros.
restic_sparse=$(restic restore --help 2>/dev/null | grep -o -m1 -e '--sparse')

mine="--standalone --state-dir '$dir/state' -r '$dir/repo-holdfast' -k '$dir/holdfast.key'"

init() { # tool: an empty repository
    rm -rf "$dir/repo-$1" "$dir/cache" "$dir/borg"
    case $1 in
        holdfast) rm -rf "$dir/state" "$dir/holdfast.key" && $holdfast init "$dir/repo-holdfast" -k "$dir/holdfast.key" ;;
        restic) restic init -q -r "$dir/repo-restic" ;;
        borg) borg init -e repokey "$dir/repo-borg" ;;
        tarzstd) mkdir -p "$dir/repo-tarzstd" ;;
    esac >"$dir/out.txt" 2>&1 || { echo "init $1 failed:"; cat "$dir/out.txt"; exit 1; }
}

backup_command() { # tool name-of-backup
    case $1 in
        holdfast) echo "$holdfast backup '$dir/source' $mine" ;;
        restic) echo "restic backup -q -r '$dir/repo-restic' '$dir/source'" ;;
        borg) echo "borg create --compression zstd,1 '$dir/repo-borg::$2' '$dir/source'" ;;
        tarzstd) echo "tar -C '$dir' -Scf - source | zstd -q -1 -T2 -f -o '$dir/repo-tarzstd/$2.tar.zst'" ;;
    esac
}

restore_command() { # tool name-of-backup
    case $1 in
        holdfast) echo "$holdfast restore latest --to '$dir/target/holdfast' $mine" ;;
        restic) echo "restic restore -q $restic_sparse latest -r '$dir/repo-restic' --target '$dir/target'" ;;
        borg) echo "cd '$dir/target' && borg extract --sparse '$dir/repo-borg::$2'" ;;
        tarzstd) echo "zstd -q -dc '$dir/repo-tarzstd/$2.tar.zst' | tar -C '$dir/target' -xf -" ;;
    esac
}

verify_command() { # tool: reads all that is stored, and checks it
    case $1 in
        holdfast) echo "$holdfast verify --full -r '$dir/repo-holdfast' -k '$dir/holdfast.key'" ;;
        restic) echo "restic check -q --read-data -r '$dir/repo-restic'" ;;
        borg) echo "borg check --verify-data '$dir/repo-borg'" ;;
        tarzstd) echo "zstd -q -t '$dir/repo-tarzstd/'*.zst" ;;
    esac
}

# measured <tool> <step> <command>: appends "tool step cpu wall rss_kb repo_kb" to results.txt.
measured() {
    local code
    /usr/bin/time -o "$dir/time.txt" -f '%U %S %e %M' bash -c "$3" >"$dir/out.txt" 2>&1
    code=$?
    # 4: done with warnings (holdfast); 1: the same (borg).
    if [ $code -ne 0 ] && ! { [ "$1" = holdfast ] && [ $code -eq 4 ]; } && ! { [ "$1" = borg ] && [ $code -eq 1 ]; }; then
        echo "$1 $2 FAILED with $code:"; tail -5 "$dir/out.txt"
        exit 1
    fi
    tail -1 "$dir/time.txt" | awk -v t="$1" -v s="$2" -v size="$(du -sk "$dir/repo-$1" | cut -f1)" \
        '{print t, s, $1 + $2, $3, $4, size}' >>"$dir/results.txt"
}

# median <tool> <step> <column>: of what is in that column of results.txt.
median() {
    awk -v t="$1" -v s="$2" -v c="$3" '$1 == t && $2 == s {print $c}' "$dir/results.txt" |
        sort -n | awk '{v[NR] = $1} END {print NR ? v[int((NR + 1) / 2)] : "nan"}'
}

# report <step>...: medians of what was measured.
report() {
    printf '\n%-14s %-10s %9s %9s %9s %10s\n' STEP TOOL 'CPU s' 'WALL s' 'RSS MiB' 'REPO MB'
    for step in "$@"; do
        for tool in "${tools[@]}"; do
            for column in 3 4 5 6; do
                median "$tool" "$step" $column
            done | paste -sd' ' | awk -v s="$step" -v t="$tool" \
                '{printf "%-14s %-10s %9.2f %9.2f %9.0f %10.0f\n", s, t, $1, $2, $3 / 1024, $4 / 1024}'
        done
    done
}
