// The block of metadata in a script, and the first line of a wheel's script. The first byte says which.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "pep/launcher.h"
#include "pep/script_block.h"

namespace {

using namespace pkg;

// What is written into a script is read out of it.
void script_block(std::string_view text) {
  const auto block = pep::script_block(text);
  if (!block.ok() || !*block) return;
  (void)pep::parse_block(**block, "script.py");
  const auto written = pep::with_script_block(text, (*block)->toml);
  if (!written.ok()) return;
  const auto again = pep::script_block(*written);
  PKG_CHECK(again.ok() && *again && (*again)->toml == (*block)->toml);
}

void script(std::string_view text) {
  if (!pep::has_python_shebang(text)) return;
  const auto written = pep::rewrite_shebang(text, "/a path/with spaces/python3");
  PKG_CHECK(written.starts_with("#!/bin/sh\n"));
  PKG_CHECK(pep::rewrite_shebang(text, "/usr/bin/python3").starts_with("#!/usr/bin/python3"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      script_block(text);
      break;
    case 1:
      script(text);
      break;
    default:
      script(cat("#!python", text));
  }
  return 0;
}
