# Sourced by the scripts of this folder: places, the compiler for a target, what is reproducible.
# What takes long and does not change is kept in $PKG_PACKAGING_CACHE: sources, zig and its libc++, libraries.
packaging="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tree="$(cd "$packaging/../.." && pwd)"
cache="${PKG_PACKAGING_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pkg-packaging}"
zig_version=0.17.1
export ZIG_GLOBAL_CACHE_DIR="$cache/zig"
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$tree" log -1 --format=%ct 2>/dev/null || echo 1700000000)}"
export LC_ALL=C.UTF-8 TZ=UTC

say() { echo "package: $*" >&2; }
fail() {
  echo "package: error: $*" >&2
  exit 1
}

# What this machine cannot get is no failure of a test.
unavailable() {
  echo "SKIPPED: $*"
  exit 77
}

# zig, a C and C++ compiler that brings the headers and libcs of its targets, is a wheel.
need_zig() {
  zig="$cache/ziglang-$zig_version"
  [ -x "$zig/bin/zig" ] && return
  say "installing ziglang $zig_version"
  mkdir -p "$cache"
  python3 -m venv "$zig.new" && "$zig.new/bin/python" -m pip install -q "ziglang==$zig_version" ||
    { rm -rf "$zig.new"; return 1; }
  ln -s "$(echo "$zig.new"/lib/python3*/site-packages/ziglang/zig | sed "s,^$zig.new,..,")" "$zig.new/bin/zig"
  mv -T "$zig.new" "$zig"
}

# Compilers for a target in $cache/tools-TARGET: cc, c++, ar, ranlib.
need_tools() {
  local target="$1" tool
  tools="$cache/tools-$target"
  mkdir -p "$tools"
  for tool in cc c++; do
    printf '#!/bin/sh\nexec "%s" %s -target %s -O2 -s -static -pie -fno-sanitize=undefined -g0 "$@"\n' \
      "$zig/bin/zig" "$tool" "$target" >"$tools/$tool.new"
    chmod +x "$tools/$tool.new"
    cmp -s "$tools/$tool.new" "$tools/$tool" || mv "$tools/$tool.new" "$tools/$tool"
  done
  # zig does not let two options of its linker through that make the program a tenth smaller: functions with the same
  # code are one (as far as nobody compares their addresses), and relocations take a bit each instead of 24 bytes. So
  # zig links, and says how; then its linker does it again.
  cat >"$tools/link" <<END
#!/bin/sh
said=\$(ZIG_VERBOSE_LINK=1 "$tools/c++" "\$@" 2>&1) || { echo "\$said" >&2; exit 1; }
words=\$(echo "\$said" | sed -n 's/^ld.lld //p' | tail -n 1)
[ -n "\$words" ] || { echo "link: zig does not say how it links" >&2; exit 1; }
exec "$zig/bin/zig" ld.lld \$words -z relro --icf=safe --pack-dyn-relocs=relr --no-warnings
END
  chmod +x "$tools/link"
  for tool in ar ranlib; do
    printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$zig/bin/zig" "$tool" >"$tools/$tool"
    chmod +x "$tools/$tool"
  done
}

# Where the sources of a package are unpacked.
source_folder() { echo "$cache/sources/$1-${2//[^0-9A-Za-z.-]/_}"; }

# The version of a package in sources.txt.
version_of() { sed -nE "s/^$1 ([^ ]+)$/\\1/p" "$packaging/sources.txt"; }
