# Compiler and linker settings shared by all targets, and the third-party libraries.
add_library(pkg_flags INTERFACE)
target_compile_options(pkg_flags INTERFACE -Wall -Wextra -Wnon-virtual-dtor -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers> $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-field-initializers>)
if(NOT PKG_UNITY)  # in a batch, a local name may be another source's
  target_compile_options(pkg_flags INTERFACE -Wshadow)
endif()
if(PKG_WERROR)
  target_compile_options(pkg_flags INTERFACE -Werror)
endif()
# What is built often is linked quickly; mold does not pack relocations as a release wants them.
find_program(PKG_MOLD mold)
set(PKG_USES_MOLD OFF)
if(PKG_MOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(PKG_USES_MOLD ON)
  target_link_options(pkg_flags INTERFACE -fuse-ld=mold)
endif()
if(PKG_SANITIZE)
  target_compile_options(pkg_flags INTERFACE
    -fsanitize=${PKG_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(pkg_flags INTERFACE -fsanitize=${PKG_SANITIZE})
  target_compile_definitions(pkg_flags INTERFACE PKG_SANITIZED=1)
  # RapidJSON's stack adds to a null pointer before its first growth: harmless, and not ours.
  target_compile_options(pkg_flags INTERFACE $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=pointer-overflow>)
elseif(PKG_STATIC)
  # One file that needs nothing of the machine's. Nothing from outside is run from a stack or written over.
  target_compile_definitions(pkg_flags INTERFACE PKG_STATIC=1)
  target_compile_options(pkg_flags INTERFACE -ffunction-sections -fdata-sections -fstack-protector-strong
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build -Wno-date-time)
  target_link_options(pkg_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)
else()
  # One file to carry around: libstdc++ in, and nothing loaded at start that a warm command does not need.
  target_link_options(pkg_flags INTERFACE
    -static-libstdc++ -static-libgcc -Wl,--as-needed -Wl,--gc-sections -Wl,-z,relro)
  target_compile_options(pkg_flags INTERFACE -ffunction-sections -fdata-sections)
  # The loader does less: 21,500 relocations were most of what `pkg --version` cost. glibc 2.36 and newer understand it.
  include(CheckLinkerFlag)
  check_linker_flag(CXX -Wl,-z,pack-relative-relocs PKG_PACKED_RELOCATIONS)
  if(PKG_PACKED_RELOCATIONS AND NOT PKG_USES_MOLD)
    target_link_options(pkg_flags INTERFACE -Wl,-z,pack-relative-relocs)
  endif()
endif()

if(PKG_FUZZ)
  # In everything, not in the targets alone: libFuzzer goes after what it sees covered.
  target_compile_options(pkg_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(PKG_CCACHE ccache)
if(PKG_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PKG_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${PKG_CCACHE})
endif()
find_package(Threads REQUIRED)
if(PKG_STATIC)
  # Theirs and no other: the headers of the machine are for its own libc. scripts/packaging/libraries.sh builds them.
  set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE NEVER)
  set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY NEVER)
  set(CMAKE_INCLUDE_PATH "${PKG_LIBRARIES}/include" "${PKG_HEADERS}")
  set(CMAKE_LIBRARY_PATH "${PKG_LIBRARIES}/lib")
  add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED)
  target_include_directories(nlohmann_json::nlohmann_json SYSTEM INTERFACE "${PKG_HEADERS}")
  set(PKG_LINKED_BASE "")
  foreach(library archive lzma bz2 z zstd)
    list(APPEND PKG_LINKED_BASE "${PKG_LIBRARIES}/lib/lib${library}.a")
  endforeach()
  set(PKG_LINKED_INDEX "")
  foreach(library curl nghttp2 ssl crypto)
    list(APPEND PKG_LINKED_INDEX "${PKG_LIBRARIES}/lib/lib${library}.a")
  endforeach()
else()
  find_package(nlohmann_json 3.11 REQUIRED)
  find_package(PkgConfig REQUIRED)
endif()
find_path(PKG_DOCTEST_INCLUDE doctest/doctest.h REQUIRED)
# libcurl, libarchive and libzstd are opened at run time, on first use (base/dynlib.h), if they are not linked in: their
# headers only.
find_path(PKG_CURL_INCLUDE curl/curl.h REQUIRED)
find_path(PKG_ARCHIVE_INCLUDE archive.h REQUIRED)
find_path(PKG_ZSTD_INCLUDE zstd.h REQUIRED)
find_library(PKG_CRYPTO libcrypto.a REQUIRED)
find_library(PKG_DEFLATE libdeflate.a REQUIRED)
find_path(PKG_RAPIDJSON_INCLUDE rapidjson/reader.h REQUIRED)
find_path(PKG_TOMLPP_INCLUDE toml++/toml.h REQUIRED)
find_path(PKG_CLI11_INCLUDE CLI/CLI.hpp REQUIRED)
