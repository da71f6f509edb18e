#!/bin/sh
# Puts Bowline's firmware on a board: finds Node, makes the clone ready as `npm start` does, and runs `bowline flash`.
# All options are those of `bowline flash`: ./flash.sh --help
set -u

oldest=20.19 # engines in package.json
script=$0
# The clone is where the file is, not where a link to it is.
[ -L "$script" ] && script=$(readlink -f -- "$script")
folder=$(CDPATH='' cd -- "$(dirname -- "$script")" && pwd) || exit 3
seen=''

# Is "$1" a Node that is new enough? What is too old is remembered for the message.
is_usable() {
  [ -x "$1" ] || return 1
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  case "$major$minor" in '' | *[!0-9]*) return 1 ;; esac
  if [ "$major" -gt "${oldest%.*}" ]; then return 0; fi
  if [ "$major" -eq "${oldest%.*}" ] && [ "$minor" -ge "${oldest#*.}" ]; then return 0; fi
  seen="${seen:+$seen, }$1 is $version"
  return 1
}

# Sets $node: that of PATH, nvm's default, nvm's others, and where installers put it.
find_node() {
  nvm=${NVM_DIR:-${HOME:-/nonexistent}/.nvm}/versions/node
  default=''
  [ -r "${nvm%/versions/node}/alias/default" ] && read -r default <"${nvm%/versions/node}/alias/default"
  default=${default#v}
  for node in "$(command -v node)" "$nvm/v${default:-none}"*/bin/node "$nvm"/v*/bin/node \
    /usr/local/bin/node /opt/*/bin/node; do
    is_usable "$node" && return 0
  done
  return 1
}

if ! find_node; then
  echo "flash.sh: looking for Node: ${seen:-none was found}; allowed: $oldest or newer" >&2
  echo '  mend: https://nodejs.org/en/download, or: nvm install 22' >&2
  exit 3
fi

# Its npm stands beside it. Relative paths are counted from where this was typed, the gateway's folder from the clone.
INIT_CWD=$PWD
PATH=$(dirname -- "$node"):$PATH
export INIT_CWD PATH
cd -- "$folder" || exit 3
# stdout is for what was asked for: --json.
"$node" scripts/setup.mjs >&2 || exit 1
exec "$node" dist/bowline.mjs flash "$@"
