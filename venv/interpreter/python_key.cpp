#include "venv/interpreter/python_key.h"

#include <sys/utsname.h>

#include <algorithm>

#include "base/fs.h"
#include "base/text.h"
#include "pep/version.h"

namespace pkg::venv {
namespace {

bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_ascii_alnum(c) || c == '_' || c == '.'; });
}

std::string named(const PythonKey& key, std::string_view version) {
  const auto variant = key.variant();
  const auto& at = key.platform;
  return cat(key.implementation, "-", version, variant.empty() ? "" : "+", variant, "-", at.os, "-", at.arch, "-",
             at.libc);
}

}  // namespace

std::string PythonKey::variant() const {
  if (gil_disabled) return debug ? "freethreaded+debug" : "freethreaded";
  return debug ? "debug" : "";
}

std::string PythonKey::language() const {
  const auto parts = split(version, '.');
  return parts.size() < 2 ? std::string() : cat(parts[0], ".", parts[1]);
}

std::string PythonKey::name() const { return named(*this, version); }
std::string PythonKey::minor_name() const { return named(*this, language()); }

bool parse_variant(std::string_view text, PythonKey& key) {
  key.gil_disabled = key.debug = false;
  if (text.empty() || text == "default") return true;
  for (const auto word : split(text, '+')) {
    bool& said = word == "debug" ? key.debug : key.gil_disabled;
    if ((word != "debug" && word != "freethreaded") || said) return false;
    said = true;
  }
  return true;
}

std::optional<PythonKey> parse_python_key(std::string_view name) {
  const auto parts = split(name, '-');
  if (name.size() > 200 || parts.size() != 5) return std::nullopt;
  PythonKey key;
  key.implementation = parts[0];
  key.platform = {std::string(parts[2]), std::string(parts[3]), std::string(parts[4])};
  const auto plus = parts[1].find('+');
  key.version = parts[1].substr(0, plus);
  if (plus != std::string_view::npos && !parse_variant(parts[1].substr(plus + 1), key)) return std::nullopt;
  for (const std::string_view word :
       {std::string_view(key.implementation), std::string_view(key.version), parts[2], parts[3], parts[4]})
    if (!is_plain(word) || word.front() == '.') return std::nullopt;
  const auto version = pep::Version::try_parse(key.version);
  if (!version || std::ranges::count(key.version, '.') != 2 || key.name() != name) return std::nullopt;
  return key;
}

bool is_older(const PythonKey& a, const PythonKey& b) {
  const auto one = pep::Version::try_parse(a.version), other = pep::Version::try_parse(b.version);
  if (one && other && *one != *other) return *one < *other;
  return a.name() < b.name();
}

PythonPlatform host_platform() {
  struct utsname kernel {};
  PythonPlatform platform{"linux", "x86_64", "gnu"};
  if (::uname(&kernel) != 0) return platform;
  platform.os = to_ascii_lower(kernel.sysname);
  platform.arch = kernel.machine;
  if (platform.os != "linux") {
    platform.libc = "none";
    return platform;
  }
  for (const char* loader : {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib64/ld64.so.2",
                             "/lib/ld64.so.1", "/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-linux-armhf.so.3"})
    if (fs::exists(loader)) return platform;
  if (fs::exists(cat("/lib/ld-musl-", platform.arch, ".so.1"))) platform.libc = "musl";
  return platform;
}

}  // namespace pkg::venv
