# Headers that nearly every file includes are parsed once for the libraries and once for the tests, which are compiled
# for an executable: less time for a build without optimisation. Off in release builds, which so show what a file does
# not name itself.
option(PKG_PRECOMPILED "Precompile the headers that nearly every file includes" OFF)
if(PKG_PRECOMPILED)
  # ccache can tell whether such a header is the same only with this, and with CCACHE_SLOPPINESS (scripts/packages.sh).
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
  add_library(pkg_precompiled STATIC EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/cmake/precompiled/empty.cpp")
  add_executable(pkg_precompiled_tests EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/cmake/precompiled/empty.cpp")
  foreach(target pkg_precompiled pkg_precompiled_tests)
    target_link_libraries(${target} PRIVATE pkg_flags)
    target_precompile_headers(${target} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/precompiled/common.h")
  endforeach()
endif()
function(pkg_precompile target from)
  if(PKG_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

# pkg_library(NAME DEPENDS target...): the sources of this folder (and its sub-folders) become the static library NAME.
# pkg_test(NAME LIBRARY target): the sources of this folder become the doctest binary NAME, linked with that one
# library.
function(pkg_library name)
  cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cpp")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "*.h")
  add_library(${name} STATIC ${sources})
  target_sources(${name} PRIVATE ${headers})
  set_property(GLOBAL APPEND PROPERTY PKG_ALL_HEADERS ${headers})
  target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE pkg_flags)
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${name} INTERFACE pkg_flags)
  # In packages, layers that run once and wait for others are made small; the rest is fast.
  if(PKG_STATIC AND name MATCHES "_(cli|ops|builder)$")
    target_compile_options(${name} PRIVATE -Os)
  endif()
  if(PKG_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 32)
    # gcc takes an anonymous namespace for a header's when it is not in the file that it was given.
    target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
  pkg_precompile(${name} pkg_precompiled)
endfunction()

function(pkg_test name)
  cmake_parse_arguments(arg "" "LIBRARY" "SUPPORT" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "*.cpp")
  add_executable(${name} ${sources} "${CMAKE_SOURCE_DIR}/tests/support/main.cpp")
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests" "${PKG_DOCTEST_INCLUDE}")
  target_compile_definitions(${name} PRIVATE PKG_FIXTURES="${CMAKE_SOURCE_DIR}/fixtures"
    PKG_SOURCE_DIR="${CMAKE_SOURCE_DIR}" DOCTEST_CONFIG_SUPER_FAST_ASSERTS)
  # What is tested is compiled with all sanitizers; doctest's expressions take twice as long with this one.
  if(PKG_SANITIZE MATCHES "undefined")
    target_compile_options(${name} PRIVATE -fno-sanitize=undefined)
  endif()
  target_link_libraries(${name} PRIVATE ${arg_LIBRARY} ${arg_SUPPORT} pkg_flags)
  pkg_precompile(${name} pkg_precompiled_tests)
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# `ninja headers_alone`: each header of the libraries is compiled by itself. What a precompiled header hides of missing
# includes, tests/tools/std_includes.py looks for.
function(pkg_headers_alone)
  get_property(headers GLOBAL PROPERTY PKG_ALL_HEADERS)
  set(sources "")
  foreach(header IN LISTS headers)
    file(RELATIVE_PATH name "${CMAKE_SOURCE_DIR}" "${header}")
    set(source "${CMAKE_BINARY_DIR}/headers_alone/${name}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${header}\"\n" @ONLY)
    list(APPEND sources "${source}")
  endforeach()
  add_library(headers_alone OBJECT EXCLUDE_FROM_ALL ${sources})
  target_include_directories(headers_alone PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/src")
  target_link_libraries(headers_alone PRIVATE pkg_flags)
  pkg_precompile(headers_alone pkg_precompiled)
endfunction()
