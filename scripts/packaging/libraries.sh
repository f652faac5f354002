#!/usr/bin/env bash
# libraries.sh TARGET: builds the libraries that are linked into pkg for a target of zig's, and prints the folder with
# their include/ and lib/. Built once: the folder's name has the hash of what they are made from.
#
# Libraries with simple rules are compiled without their own build systems, which ask a compiler for a target hundreds
# of questions. Members of archives and sections that nothing needs are left out by the linker.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
target="${1:?which target}"
need_zig || unavailable "ziglang $zig_version cannot be installed"
need_tools "$target"

made_from="$(cd "$packaging" && cat ./*.txt sources.sh libraries.sh common.sh ./*.h | sha256sum)"
prefix="$cache/libraries-$target-${made_from:0:12}"
if [ -d "$prefix" ]; then
  echo "$prefix"
  exit
fi
"$packaging/sources.sh" || exit
work="$prefix.work"  # what is in it is not made again
mkdir -p "$work"/{include,lib}
# C needs no unwind tables: nothing is thrown through it.
common="-O2 -fPIC -fno-unwind-tables -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
  -fvisibility=hidden -fstack-protector-strong -w -ffile-prefix-map=$cache=."
small="${common/-O2/-Os}"  # what waits for the network, or runs once

# compile LIBRARY FLAGS SOURCE…: into lib/LIBRARY.a. $compiler: another than zig's.
compile() {
  local library="$1" flags="$2" objects="$work/objects-$1"
  shift 2
  [ ! -f "$work/lib/$library.a" ] || return 0
  say "$target: $library"
  mkdir -p "$objects"
  printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} sh -c \
    '"$1" $2 -c "$4" -o "$3/$(basename "$(dirname "$4")")_$(basename "$4").o"' \
    _ "${compiler:-$tools/cc}" "$flags" "$objects" {}
  (cd "$objects" && "$tools/ar" rcsD "$work/lib/$library.a" $(ls | sort))
}
folder_of() { source_folder "$1" "$(version_of "$1")"; }

build_small_ones() {
  local at
  at="$(folder_of zlib)"
  compile libz "$common -DHAVE_UNISTD_H" "$at"/{adler32,crc32,inffast,inflate,inftrees,trees,zutil,deflate}.c
  cp "$at"/{zlib,zconf}.h "$work/include/"

  at="$(folder_of bzip2)"
  compile libbz2 "$common" "$at"/{blocksort,bzlib,compress,crctable,decompress,huffman,randtable}.c
  cp "$at/bzlib.h" "$work/include/"

  at="$(folder_of libzstd)"
  compile libzstd "$common" "$at"/lib/{common,decompress}/*.c \
    $([[ $target != x86_64* ]] || echo "$at/lib/decompress/huf_decompress_amd64.S")
  cp "$at"/lib/zstd*.h "$work/include/"

  # clang 22 leaves out the paths for BMI2 and PCLMUL of this version without a word; gcc's objects need nothing of a
  # libc but malloc and memcpy.
  at="$(folder_of libdeflate)"
  if [[ $target == x86_64* ]]; then local compiler=gcc; fi
  compile libdeflate "$common -fno-stack-protector -U_FORTIFY_SOURCE" \
    "$at"/lib/{adler32,crc32,deflate_compress,deflate_decompress,gzip_compress}.c \
    "$at"/lib/{gzip_decompress,utils,zlib_compress,zlib_decompress}.c "$at"/lib/{arm,x86}/cpu_features.c
  cp "$at/libdeflate.h" "$work/include/"
  local fast=0
  if [[ $target == x86_64* ]]; then
    fast="$(nm "$work/lib/libdeflate.a" | grep -cE 'deflate_decompress_bmi2|crc32_x86_pclmul|adler32_avx2' || true)"
    [ "$fast" -ge 3 ] || fail "libdeflate was compiled without its fast paths"
  fi
}

build_nghttp2() {
  local at version
  at="$(folder_of nghttp2)"
  version="$(version_of nghttp2)"
  version="${version%%-*}"
  mkdir -p "$work/include/nghttp2"
  cp "$at/lib/includes/nghttp2/nghttp2.h" "$work/include/nghttp2/"
  sed -e "s/@PACKAGE_VERSION@/$version/" -e "s/@PACKAGE_VERSION_NUM@/0x013400/" \
    "$at/lib/includes/nghttp2/nghttp2ver.h.in" >"$work/include/nghttp2/nghttp2ver.h"
  compile libnghttp2 "$small -DNGHTTP2_STATICLIB -DHAVE_ARPA_INET_H -DHAVE_NETINET_IN_H -DHAVE_TIME_H
    -I$work/include -I$at/lib/includes" "$at"/lib/*.c
}

build_archive() {
  local at sources
  at="$(folder_of xz-utils)/src"
  sources="$(ls "$at"/liblzma/{common,lz,lzma,delta}/*decoder*.c "$at"/liblzma/simple/*.c | grep -vE 'encoder|_mt[.]c')"
  local folders
  folders="$(printf ' -I%s' "$at"/common "$at"/liblzma{,/api,/common,/check,/lz,/rangecoder,/lzma,/delta,/simple})"
  compile liblzma "$common $folders
    -DTUKLIB_SYMBOL_PREFIX=lzma_ -DHAVE_STDBOOL_H -DHAVE__BOOL -DHAVE_STDINT_H -DHAVE_INTTYPES_H -DHAVE_LIMITS_H
    -DHAVE_STRING_H -DHAVE_VISIBILITY=1 -DSIZEOF_SIZE_T=8 -DTUKLIB_FAST_UNALIGNED_ACCESS -DHAVE_DECODERS
    $(printf ' -DHAVE_CHECK_%s' CRC32 CRC64 SHA256) -DHAVE_LZIP_DECODER
    $(printf ' -DHAVE_DECODER_%s' LZMA1 LZMA2 DELTA X86 POWERPC IA64 ARM ARMTHUMB ARM64 SPARC)" $sources \
    "$at"/liblzma/common/{block_util,common,easy_preset,filter_common,hardware_physmem,index,index_hash}.c \
    "$at"/liblzma/common/{outqueue,stream_flags_common,vli_size}.c "$at"/liblzma/lzma/lzma_encoder_presets.c \
    "$at"/liblzma/delta/delta_common.c \
    "$at"/liblzma/check/{check,crc32_fast,crc32_table,crc64_fast,crc64_table,sha256}.c
  cp -r "$at"/liblzma/api/lzma* "$work/include/"

  at="$(folder_of libarchive)"
  sources="$(ls "$at"/libarchive/*.c | grep -vE 'windows|_write|_disk|freebsd|sunos|darwin|blake2|/filter_fork')"
  compile libarchive "$small -include $packaging/archive_config.h -DHAVE_CONFIG_H -DPLATFORM_CONFIG_H=\"linux_host.h\"
    -I$at/contrib/android/config -I$at/libarchive -I$work/include" $sources
  cp "$at"/libarchive/archive{,_entry}.h "$work/include/"
}

build_openssl() {
  local at kind=linux-x86_64 off
  [ ! -f "$work/lib/libcrypto.a" ] || return 0
  at="$(folder_of openssl)"
  [[ $target != aarch64* ]] || kind=linux-aarch64
  off="aria bf camellia cast cmp cms ct des dgram dsa dso dtls ec2m engine gost idea legacy makedepend md4 mdc2 module
    nextprotoneg ocb psk rc2 rc4 rfc3779 rmd160 seed shared siphash siv sm2 sm3 sm4 srp srtp ssl3 tests ts ui-console
    weak-ssl-ciphers whirlpool autoload-config"
  mkdir -p "$work/openssl/bin"
  cd "$work/openssl"
  # It remembers how its compiler was called: without a path of this machine, then.
  printf '#!/bin/sh\nexec "%s" -ffile-prefix-map="%s"=. "$@"\n' "$tools/cc" "$cache" >bin/cc
  chmod +x bin/cc
  local PATH="$work/openssl/bin:$PATH"
  say "$target: openssl"
  CC=cc AR="$tools/ar" RANLIB="$tools/ranlib" "$at/Configure" $kind $(printf ' no-%s' $off) --prefix=/usr \
    --openssldir=/etc/ssl --libdir=lib CFLAGS="$(echo ${small%-ffile-prefix-map*})" >configure.log 2>&1 ||
    { tail configure.log >&2; return 1; }
  make -s -j"$(nproc)" build_libs >make.log 2>&1 || { tail -n 30 make.log >&2; return 1; }
  cp libssl.a libcrypto.a "$work/lib/"
  cp -r "$at/include/openssl" "$work/include/"
  cp -r include/openssl "$work/include/"
  cd "$work"
}

build_curl() {
  local at
  at="$(folder_of curl)"
  mkdir -p "$work/curl"
  cp "$packaging/curl_config.h" "$work/curl/"
  compile libcurl "$small -DHAVE_CONFIG_H -DBUILDING_LIBCURL -DCURL_STATICLIB -DNGHTTP2_STATICLIB -I$work/curl
    -I$at/include -I$at/lib -I$work/include" "$at"/lib/*.c "$at"/lib/{vauth,vtls,vquic,vssh}/*.c
  cp -r "$at/include/curl" "$work/include/"
}

build_small_ones
build_nghttp2
build_archive
build_openssl
build_curl
find "$work/include" ! -name '*.h' -type f -delete
mkdir "$work/done"
mv "$work/include" "$work/lib" "$work/done/"
mv -T "$work/done" "$prefix"
rm -rf "$work"
echo "$prefix"
