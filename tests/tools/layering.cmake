# Who may include whom, who may know which library, who may print: docs/internals/architecture.md as a test.
#   cmake -DROOT=<source folder> -P layering.cmake
# Names file, line and what is allowed; fails when anything is found.
cmake_minimum_required(VERSION 3.25)

# Folder (longest match wins) and the first words of the includes it may have.
set(layers
  "src/base|base"
  "src/pep|base pep"
  "resolver|base pep resolver"
  "index|base pep index"
  "venv|base pep venv"
  "src/builder|base pep builder"
  "src/lock|base pep resolver lock"
  "src/cli|base pep resolver index venv builder lock ops cli"
  "src/main.cpp|cli")

# The rooms of ops, lowest first: each may see itself and those before it in this list (docs/internals/architecture.md).
set(seen base pep resolver index venv builder lock)
foreach(room session project inputs pythons environment solve fetch builds lock install run tools inspect edit migrate
    bundle self)
  list(APPEND seen "ops/${room}")
  list(JOIN seen " " words)
  list(APPEND layers "src/ops/${room}|${words}")
endforeach()

# A regular expression for an include, and one for the files that may have it.
set(libraries
  "<curl/|^index/http/([^/]*[.]cpp|curl_[^/]*[.]h)$"
  "<openssl/|^src/base/(ed25519|hash|library_versions)[.]cpp$"
  "<archive(_entry)?[.]h>|^src/base/(tar|library_versions)[.]cpp$"
  "<libdeflate[.]h>|^src/base/(inflate|library_versions)[.]cpp$"
  "<zstd[.]h>|^src/base/(zstd|library_versions)[.]cpp$"
  "<rapidjson/|^index/simple/json_page[.]cpp$"
  "<toml[+][+]|^src/base/(toml|library_versions)[.]cpp$"
  "<CLI/|^src/cli/options/[^/]*$|^src/cli/commands/[^/]*[.]cpp$"
  "<nlohmann/json[.]hpp>|[.]cpp$"
  "<regex>|^$"
  "<iostream>|^src/cli/.*[.]cpp$")

string(CONCAT printing
  "(^|[^a-zA-Z_0-9])(std::)?(c(out|err|log)[^a-zA-Z_0-9]|v?printf *[(]|puts *[(]|putchar *[(]|perror *[(]|"
  "v?fprintf *[(] *std(out|err)|fputs *[(][^,]*, *std(out|err)|fwrite *[(].*, *std(out|err))")
set(may_print "^src/cli/|^src/base/check[.]cpp$")

set_property(GLOBAL PROPERTY violations 0)

# Says where `text` is in `file`.
function(violation file text allowed)
  file(READ "${ROOT}/${file}" content)
  string(FIND "${content}" "${text}" at)
  string(SUBSTRING "${content}" 0 ${at} before)
  string(REGEX REPLACE "[^\n]" "" newlines "${before}")
  string(LENGTH "${newlines}" line)
  math(EXPR line "${line} + 1")
  message("${file}:${line}: ${text}\n  ${allowed}")
  get_property(count GLOBAL PROPERTY violations)
  math(EXPR count "${count} + 1")
  set_property(GLOBAL PROPERTY violations ${count})
endfunction()

function(allowed_layers file result)
  set(${result} "" PARENT_SCOPE)
  foreach(row IN LISTS layers)
    string(REPLACE "|" ";" row "${row}")
    list(GET row 0 folder)
    list(GET row 1 words)
    string(FIND "${file}" "${folder}" at)
    if(at EQUAL 0)
      string(REPLACE " " ";" words "${words}")
      set(${result} "${words}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

function(check_layer file include path)
  allowed_layers("${file}" words)
  set(is_allowed FALSE)
  foreach(word IN LISTS words)
    string(FIND "${path}" "${word}/" at)
    if(at EQUAL 0)
      set(is_allowed TRUE)
    endif()
  endforeach()
  if(NOT is_allowed)
    string(REPLACE ";" ", " shown "${words}")
    violation("${file}" "${include}" "allowed here: ${shown}")
  elseif("${file}" MATCHES "^resolver/pubgrub/" AND NOT "${path}" MATCHES "^(base/|resolver/pubgrub/|pep/version[.]h$)")
    violation("${file}" "${include}" "allowed here: base, pep/version.h, resolver/pubgrub")
  endif()
endfunction()

function(check_library file include)
  foreach(row IN LISTS libraries)
    string(FIND "${row}" "|" bar)
    string(SUBSTRING "${row}" 0 ${bar} what)
    math(EXPR bar "${bar} + 1")
    string(SUBSTRING "${row}" ${bar} -1 where)
    if("${include}" MATCHES "${what}" AND NOT "${file}" MATCHES "${where}")
      violation("${file}" "${include}" "allowed in the files that match ${where}")
    endif()
  endforeach()
endfunction()

function(check_file file)
  file(STRINGS "${ROOT}/${file}" includes REGEX "^[ \t]*#[ \t]*include")
  foreach(include IN LISTS includes)
    if(include MATCHES "\"([^\"]+)\"")
      check_layer("${file}" "${include}" "${CMAKE_MATCH_1}")
    else()
      check_library("${file}" "${include}")
    endif()
  endforeach()
  if(NOT "${file}" MATCHES "${may_print}")
    file(STRINGS "${ROOT}/${file}" prints REGEX "${printing}")
    foreach(print IN LISTS prints)
      if(print MATCHES "${printing}" AND NOT print MATCHES "^[ \t]*//")
        violation("${file}" "${print}" "only src/cli and src/base/check.cpp print")
      endif()
    endforeach()
  endif()
endfunction()

set(files "")
foreach(folder src resolver index venv)
  file(GLOB_RECURSE found RELATIVE "${ROOT}" "${ROOT}/${folder}/*.h" "${ROOT}/${folder}/*.cpp")
  list(APPEND files ${found})
endforeach()
list(LENGTH files count)
if(count EQUAL 0)
  message(FATAL_ERROR "no sources below ROOT=${ROOT}")
endif()
foreach(file IN LISTS files)
  check_file("${file}")
endforeach()
get_property(violations GLOBAL PROPERTY violations)
if(violations GREATER 0)
  message(FATAL_ERROR "${violations} lines in ${count} files break the layering (docs/internals/architecture.md)")
endif()
message("${count} files keep the layering")
