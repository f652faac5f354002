// The file says how an interpreter was built. What else is needed to install for it follows from three places: its
// layout from CPython's own schemes, below the prefix that it lies in; the tags from the machine and its C library; the
// rest from constants. Each of them has exceptions, and wherever one might apply the interpreter is started instead:
//
//   * distributors patch the schemes (dist-packages, /usr/local): nothing below /usr is answered for;
//   * an interpreter that was moved without its file being rewritten names another base_prefix than the one it is in;
//   * `_manylinux` may say that the machine is not what it seems (PEP 600);
//   * with musl, or a 32-bit program, the tags depend on the program's own headers;
//   * development builds print versions ("3.15.0a1+") that the file does not say.
//
// tests/venv/interpreter/build_details_test.cpp compares the answer with that of the probe.

#include "venv/interpreter/build_details.h"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/fs.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;
using json::Json;

Error unclear(std::string_view what) {
  return make_error(ErrorKind::bad_data, cat("build-details.json does not answer for it: ", what));
}

// A text at the end of some keys; empty: there is none.
std::string text_at(const Json& root, std::initializer_list<const char*> keys) {
  const Json* at = &root;
  for (const char* key : keys) {
    const auto found = at->is_object() ? at->find(key) : at->end();
    if (!at->is_object() || found == at->end()) return {};
    at = &*found;
  }
  return at->is_string() ? at->get<std::string>() : std::string();
}

std::optional<int> number_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto number = found->get<std::uint64_t>();
  return number < 100'000 ? std::optional(static_cast<int>(number)) : std::nullopt;
}

Status take_version(const Json& root, ProbedFacts& facts) {
  const auto implementation = root.find("implementation");
  if (implementation == root.end() || !implementation->is_object()) return unclear("no `implementation`");
  if (text_at(*implementation, {"name"}) != "cpython") return unclear("it is no CPython");
  const auto version = implementation->find("version");
  if (version == implementation->end() || !version->is_object()) return unclear("no version");
  const char* const keys[] = {"major", "minor", "micro"};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto number = number_at(*version, keys[i]);
    if (!number) return unclear("no version");
    facts.version[i] = *number;
  }
  if (text_at(*version, {"releaselevel"}) != "final") return unclear("it is no final release");
  if (facts.version[0] != 3 || facts.version[1] < 14) return unclear("it is older than 3.14");
  return ok_status();
}

Status take_abi(const Json& root, ProbedFacts& facts) {
  facts.ext_suffix = text_at(root, {"abi", "extension_suffix"});
  if (facts.ext_suffix.empty()) return unclear("no `extension_suffix`");
  const auto abi = root.find("abi");
  const auto flags = abi->find("flags");
  if (flags == abi->end() || !flags->is_array()) return unclear("no ABI flags");
  for (const auto& flag : *flags) {
    if (flag == "t")
      facts.gil_disabled = true;
    else if (flag == "d")
      facts.debug = true;
    else
      return unclear("an ABI flag that is not known");
  }
  return ok_status();
}

// Where the interpreter really lies: PREFIX/bin/NAME.
Status take_place(const Json& root, const stdfs::path& executable, ProbedFacts& facts) {
  const auto prefix = executable.parent_path().parent_path();
  const auto stdlib = prefix / "lib" / cat("python3.", facts.version[1], facts.gil_disabled ? "t" : "");
  const auto said = text_at(root, {"base_prefix"});
  if (said.empty()) return unclear("no `base_prefix`");
  auto there = (stdlib / said).lexically_normal();
  if (!there.has_filename()) there = there.parent_path();
  if (there != prefix) return unclear("it belongs elsewhere");
  const auto program = text_at(root, {"base_interpreter"});
  std::error_code failed;
  const auto real = stdfs::canonical((program.starts_with('/') ? stdfs::path() : stdlib) / program, failed);
  if (program.empty() || failed || real != executable) return unclear("it speaks of another program");
  facts.base_executable = executable.native();
  facts.prefix = facts.base_prefix = prefix.native();
  facts.stdlib = stdlib.native();
  facts.platlibdir = "lib";
  return ok_status();
}

// sysconfig's "posix_prefix" and "posix_user".
void set_paths(ProbedFacts& facts) {
  const std::string language = cat("3.", facts.version[1], facts.gil_disabled ? "t" : "");
  const std::string headers = cat("include/python", language, facts.debug ? "d" : "");
  const auto scheme = [&](const std::string& base, const std::string& include) {
    const auto packages = cat(base, "/lib/python", language, "/site-packages");
    return SchemePaths{packages, packages, base + "/bin", base, base + "/" + include};
  };
  facts.paths = scheme(facts.prefix, headers);
  facts.user_paths = scheme("~", cat("include/python", language));
  if (fs::is_directory(facts.paths.purelib)) facts.site_folders.push_back(facts.paths.purelib);
}

void set_environment(const MachineFacts& machine, ProbedFacts& facts) {
  auto& environment = facts.environment;
  environment.os_name = "posix";
  environment.sys_platform = "linux";
  environment.platform_system = "Linux";
  environment.platform_machine = machine.machine;
  struct utsname kernel {};
  if (::uname(&kernel) == 0) {
    environment.platform_release = kernel.release;
    environment.platform_version = kernel.version;
  }
  environment.platform_python_implementation = "CPython";
  environment.implementation_name = "cpython";
  environment.python_version = cat(facts.version[0], ".", facts.version[1]);
  environment.python_full_version = environment.implementation_version =
      cat(environment.python_version, ".", facts.version[2]);
}

// The program that starts a 64-bit ELF file (PT_INTERP); empty: it is none.
std::string loader_of(const stdfs::path& executable) {
  const auto fd = fs::open_regular(executable);
  std::array<char, 4096> head{};
  if (!fd) return {};
  const auto got = fs::read_at(fd->get(), 0, head, executable);
  if (!got || *got < 64 ||
      std::string_view(head.data(), 6) != std::string_view("\x7f"
                                                           "ELF\x02\x01",
                                                           6))
    return {};
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(head[at + i]);
    return value;
  };
  const auto table = number(32, 8), entry = number(54, 2), count = number(56, 2);
  for (std::uint64_t i = 0; i < count && entry >= 56; ++i) {
    const auto at = table + i * entry;
    if (at > *got || at + 56 > *got) break;
    if (number(at, 4) != 3) continue;
    const auto offset = number(at + 8, 8), size = number(at + 32, 8);
    if (offset > *got || size > *got - offset || size == 0) return {};
    return {head.data() + offset, size - 1};
  }
  return {};
}

constexpr const char* kGlibcLoaders[] = {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"};

bool has_manylinux_module(const ProbedFacts& facts) {
  return fs::exists(stdfs::path(facts.stdlib) / "_manylinux.py") ||
         fs::exists(stdfs::path(facts.paths.purelib) / "_manylinux.py");
}

}  // namespace

LibcVersion glibc_of_machine() {
  for (const char* loader : kGlibcLoaders) {
    std::error_code failed;
    const auto real = stdfs::canonical(loader, failed);
    if (failed) continue;
    const auto library = fs::read_file_at_most(real.parent_path() / "libc.so.6", 64 * limits::kMiB);
    if (!library) continue;
    // "GNU C Library (…) stable release version 2.36."
    constexpr std::string_view kMark = "release version ";
    const auto at = library->find(kMark);
    if (at == std::string::npos) continue;
    const auto parts = split(std::string_view(*library).substr(at + kMark.size(), 12), '.');
    const auto major = parse_u64(parts[0]);
    if (parts.size() < 2 || !major || *major > 9) continue;
    const auto digits = std::ranges::find_if_not(parts[1], is_ascii_digit) - parts[1].begin();
    const auto minor = parse_u64(parts[1].substr(0, static_cast<std::size_t>(digits)));
    if (minor && *minor < 1000) return {static_cast<int>(*major), static_cast<int>(*minor)};
  }
  return {};
}

Result<ProbedFacts> parse_build_details(std::string_view text, const stdfs::path& executable,
                                        const MachineFacts& machine) {
  PKG_TRY_ASSIGN(const auto root, json::parse(text));
  if (!root.is_object() || !text_at(root, {"schema_version"}).starts_with("1.")) return unclear("another schema");
  ProbedFacts facts;
  PKG_TRY(take_version(root, facts));
  PKG_TRY(take_abi(root, facts));
  PKG_TRY(take_place(root, executable, facts));
  const auto platform = text_at(root, {"platform"});
  if (platform != cat("linux-", machine.machine)) return unclear("another platform");
  facts.platform_string = cat("linux_", machine.machine);
  std::copy(std::begin(machine.glibc), std::end(machine.glibc), std::begin(facts.glibc));
  set_paths(facts);
  set_environment(machine, facts);
  return facts;
}

std::optional<ProbedFacts> facts_of_build_details(const stdfs::path& real_executable) {
  const auto prefix = real_executable.parent_path().parent_path();
  if (real_executable.parent_path().filename() != "bin" || prefix == "/" || prefix.native().starts_with("/usr"))
    return std::nullopt;
  // "python3.14", "python3.14t": the folder of its library has the same name, without a "d".
  auto name = real_executable.filename().native();
  if (!name.starts_with("python3.")) return std::nullopt;
  if (name.ends_with('d')) name.pop_back();
  const auto text = fs::read_file_at_most(prefix / "lib" / name / "build-details.json", limits::kSmall);
  if (!text) return std::nullopt;
  MachineFacts machine;
  struct utsname kernel {};
  if (::uname(&kernel) != 0) return std::nullopt;
  machine.machine = kernel.machine;
  const auto loader = loader_of(real_executable);
  if (std::ranges::find(kGlibcLoaders, loader) == std::end(kGlibcLoaders)) return std::nullopt;
  const auto glibc = glibc_of_machine();
  if (glibc.major == 0) return std::nullopt;
  machine.glibc[0] = glibc.major;
  machine.glibc[1] = glibc.minor;
  auto facts = parse_build_details(*text, real_executable, machine);
  if (!facts || has_manylinux_module(*facts)) return std::nullopt;
  return std::move(*facts);
}

}  // namespace pkg::venv
