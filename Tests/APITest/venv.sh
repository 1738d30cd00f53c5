# Makes a Python environment with one pinned package in .build/deps, once for each version; sourced by scripts that stand on it.
#
# python_environment NAME VERSION: sets $environment; fails, having said why, where it cannot be had.

python_environment() {
    local deps=$root/.build/deps
    environment=$deps/$1-$2
    [[ -f $environment/complete ]] && return 0
    mkdir -p "$deps"
    rm -rf "$environment"
    if ! python3 -m venv "$environment" >"$deps/$1.log" 2>&1; then
        echo "python3 cannot make an environment (python3-venv)" >&2
    elif ! "$environment/bin/python" -m pip --quiet --disable-pip-version-check install --timeout 30 --retries 2 "$1==$2" >"$deps/$1.log" 2>&1; then
        tail -n 2 "$deps/$1.log" >&2
    else
        touch "$environment/complete"
        return 0
    fi
    rm -rf "$environment"
    return 1
}
