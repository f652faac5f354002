// Any text as the catalogue of Pythons, as the name of a build, and as an interpreter's build-details.json: what is
// accepted names folders that are no paths, and comes back from its name.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ops/pythons/python_catalog.h"
#include "venv/interpreter/build_details.h"
#include "venv/interpreter/interpreter_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto request = pkg::venv::parse_request(text);
  (void)pkg::venv::parse_build_details(text, "/p/bin/python3.14", {"x86_64", {2, 36}}).ok();
  if (const auto key = pkg::venv::parse_python_key(text); key && key->name() != text) __builtin_trap();
  for (const std::string_view mirror : {"", "https://mirror.test/m"}) {
    const auto catalog = pkg::ops::parse_python_catalog(text, "https://a.test/c/catalogue.json", mirror);
    if (!catalog.ok()) continue;
    for (const auto& entry : catalog->entries) {
      const auto name = entry.key.name();
      const bool is_sound = name.find('/') == std::string::npos && !name.starts_with('.') &&
                            pkg::venv::parse_python_key(name) == entry.key && entry.sha256_hex.size() == 64 &&
                            entry.size_bytes <= pkg::ops::kMostPythonBytes &&
                            (mirror.empty() || entry.url.with_credentials().starts_with(mirror));
      if (!is_sound) __builtin_trap();
    }
    (void)catalog->newest(pkg::venv::host_platform());
    if (request) (void)catalog->best(*request, pkg::venv::host_platform());
  }
  return 0;
}
