# Sourced by demo, fuzz and test: installs Debian packages that are missing, as root; says what to install otherwise.
need_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "missing Debian packages: ${missing[*]} (run as root, or install them)" >&2
    return 1
  fi
  echo "installing: ${missing[*]}" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# What building pkg needs. python3-pip is there for its built-in index address, taken at configure time.
build_packages=(cmake ninja-build g++ pkg-config ccache libcurl4-openssl-dev libarchive-dev libssl-dev libdeflate-dev
  libzstd-dev nlohmann-json3-dev rapidjson-dev libtomlplusplus-dev libcli11-dev doctest-dev ca-certificates python3
  python3-pip python3-venv)
# What the tests run: shells whose activation scripts are tried, another Python implementation, a counter of
# instructions, the formatter that the style is compared with, and a server for the remote cache.
test_packages=(fish tcsh zsh pypy3 pypy3-venv git mercurial subversion brz
  python3-setuptools-whl python3-wheel valgrind clang-format-14 openssl nginx-light)
# What scripts/package takes besides: OpenSSL's build is a Perl program.
package_packages=(binutils dpkg-dev gcc gzip make patch perl python3-venv xz-utils)
# … and what scripts/try-packages does: roots of other systems, another processor, a judge of .deb files.
try_packages=(busybox-static debootstrap lintian qemu-user-static)
# What the fuzz targets are built with: clang, its run-time libraries, and the program that names the lines of a
# finding.
fuzz_packages=(clang libclang-rt-14-dev llvm)

# The compiler cache serves every clone of this repository: paths below it count as relative.
export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$PWD}" CCACHE_NOHASHDIR=1
# Precompiled headers (cmake/PkgLibrary.cmake) can be cached only when their times do not count.
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
