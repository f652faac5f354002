#!/usr/bin/env bash
# Fetches and unpacks the sources of sources.txt into $cache/sources/PACKAGE, whose files are checked against the hashes
# there. Files that lie in $PKG_PACKAGING_SOURCES are taken from there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
archives="$cache/archives"
mkdir -p "$archives"

# The machine's own apt sources, with source packages, in a folder of their own: nothing of the machine is changed.
apt_options=()
set_up_apt() {
  local apt="$cache/apt" file
  [ ${#apt_options[@]} -eq 0 ] || return 0
  mkdir -p "$apt/parts" "$apt/lists/partial"
  for file in /etc/apt/sources.list.d/*.sources; do
    if [ -f "$file" ] && grep -qi debian "$file"; then
      sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/$(basename "$file")"
    fi
  done
  if [ -f /etc/apt/sources.list ]; then sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$apt/parts/machine.list"; fi
  apt_options=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$apt/parts"
    -o "Dir::State::lists=$apt/lists" -o "APT::Sandbox::User=root" -qq)
  apt-get "${apt_options[@]}" update
}

is_right() { echo "$2  $1" | sha256sum --check --status 2>/dev/null; }

# fetch PACKAGE VERSION FILE SHA256 …: apt's own words when a file cannot be had.
fetch() {
  local package="$1" version="$2" kind=--tar-only file sum
  shift 2
  while [ $# -gt 0 ]; do
    file="$1" sum="$2"
    shift 2
    if ! is_right "$archives/$file" "$sum"; then
      if [ -f "${PKG_PACKAGING_SOURCES:-/nonexistent}/$file" ]; then
        cp "$PKG_PACKAGING_SOURCES/$file" "$archives/"
      else
        set_up_apt
        (cd "$archives" && apt-get "${apt_options[@]}" source --download-only $kind "$package=$version") >&2 ||
          unavailable "apt has no source package $package $version any more (sources.txt), or no network"
      fi
      is_right "$archives/$file" "$sum" || fail "$file does not have the SHA-256 of sources.txt"
    fi
    kind=--diff-only  # the second file
  done
}

# Debian's patches, without those for what is not built here.
patch_sources() {
  local folder="$1" debian="$2" patch
  tar -xf "$debian" -C "$folder" debian/patches
  local others='gnutls|nss|zsh|as_needed|krb5|curl-config|runtests|-test[.]patch|fetch-ocsp|Workaround|[Tt]ranslation'
  grep -vE "^#|^\$|$others|po-pt" "$folder/debian/patches/series" | while read -r patch _; do
    # A hunk for a test's list of files may not fit where a patch was left out; one for a source must.
    patch -d "$folder" -p1 -s -N --no-backup-if-mismatch <"$folder/debian/patches/$patch" >"$folder/patch.log" 2>&1 ||
      ! grep -E '^[0-9]+ out of .*(lib|src|libarchive)/[^ ]*[.][ch]([.]rej)?$' "$folder/patch.log" ||
      fail "$patch does not fit $folder"
  done
}

unpack() {
  local tar="$3" folder
  folder="$(source_folder "$1" "$2")"
  [ -d "$folder" ] && return 0
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  tar -xf "$archives/$tar" -C "$folder.new" --strip-components=1
  [ $# -le 4 ] || patch_sources "$folder.new" "$archives/$5"
  mv -T "$folder.new" "$folder"
}

# One package on a line.
joined() { awk '/^#/ { next } /^ / { printf "%s", $0; next } { printf "\n%s", $0 } END { print "" }' "$1"; }
joined "$packaging/sources.txt" | while read -r -a words; do
  [ ${#words[@]} -gt 0 ] || continue
  fetch "${words[@]}"
  unpack "${words[@]}"
done
