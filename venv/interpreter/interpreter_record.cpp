// The binary form of ProbedFacts, and finding it.

#include <string>

#include "base/binary.h"
#include "base/hash.h"
#include "base/inflate.h"
#include "base/limits.h"
#include "base/text.h"
#include "venv/interpreter/build_details.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/interpreter/managed_pythons.h"

namespace pkg::venv {
namespace {

constexpr std::string_view kMagic = "pkgintp1";

struct Writer {
  BinaryWriter out;
  void operator()(std::string& text) { out.text(text); }
  void operator()(int& number) { out.u32(static_cast<std::uint32_t>(number)); }
  void operator()(bool& flag) { out.u8(flag ? 1 : 0); }
  void operator()(std::vector<std::string>& texts) {
    out.u32(static_cast<std::uint32_t>(texts.size()));
    for (const auto& text : texts) out.text(text);
  }
};

struct Reader {
  BinaryReader in;
  void operator()(std::string& text) { text = in.text(); }
  void operator()(int& number) { number = static_cast<int>(in.u32()); }
  void operator()(bool& flag) { flag = in.u8() != 0; }
  void operator()(std::vector<std::string>& texts) {
    for (auto left = in.u32(); left > 0 && in.ok(); --left) texts.emplace_back(in.text());
  }
};

template <class Visit>
void visit_fields(ProbedFacts& facts, Visit& visit) {
  const auto all = [&](auto&... fields) { (visit(fields), ...); };
  all(facts.base_executable, facts.prefix, facts.base_prefix, facts.stdlib, facts.platlibdir, facts.ext_suffix,
      facts.platform_string);
  for (SchemePaths* paths : {&facts.paths, &facts.user_paths}) {
    all(paths->purelib, paths->platlib, paths->scripts, paths->data, paths->include);
  }
  all(facts.site_folders, facts.version[0], facts.version[1], facts.version[2]);
  all(facts.glibc[0], facts.glibc[1], facts.musl[0], facts.musl[1]);
  all(facts.gil_disabled, facts.debug, facts.pymalloc, facts.is_32bit, facts.armhf);
  pep::Environment& e = facts.environment;
  all(e.os_name, e.sys_platform, e.platform_machine, e.platform_python_implementation, e.platform_release,
      e.platform_system);
  all(e.platform_version, e.python_version, e.python_full_version, e.implementation_name, e.implementation_version);
}

// The program that starts the machine's programs comes with its libc, which the probe asked for its version. It is not
// our own libc, which may be linked in.
constexpr const char* kLoaders[] = {
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",  // glibc
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
};

void put_key(BinaryWriter& out, const fs::FileKey& key) {
  out.u64(key.device);
  out.u64(key.inode);
  out.u64(key.size);
  out.i64(key.mtime_ns);
}

// What must be as it was for a record to hold.
std::string validity(const fs::FileKey& key, std::string_view real_path) {
  BinaryWriter out;
  out.bytes(kMagic);
  for (const char* loader : kLoaders)
    if (const auto libc = fs::file_key(loader)) put_key(out, *libc);
  put_key(out, key);
  out.text(real_path);
  return out.take();
}

std::filesystem::path record_path(const std::filesystem::path& cache_dir, const std::string& real_path) {
  return cache_dir / "interpreters-v1" / hash::to_hex(hash::sha256(real_path).substr(0, 12));
}

// A wrapper script may run another interpreter the next time.
bool is_script(const std::filesystem::path& path) {
  const auto fd = fs::open_regular(path);
  char head[2] = {0, 0};
  return fd && fs::read_at(fd->get(), 0, head, path).ok() && head[0] == '#' && head[1] == '!';
}

// An executable as records know it.
struct Subject {
  std::string real_path;
  fs::FileKey key;
};

std::optional<Subject> subject_of(const std::filesystem::path& executable) {
  std::error_code failed;
  const auto real_path = std::filesystem::canonical(executable, failed);
  if (failed) return std::nullopt;
  const auto key = fs::file_key(real_path);
  return key ? std::optional(Subject{real_path.native(), *key}) : std::nullopt;
}

std::optional<ProbedFacts> read_interpreter_record(const Subject& subject, const std::filesystem::path& cache_dir) {
  if (cache_dir.empty()) return std::nullopt;
  const auto bytes = fs::read_file_at_most(record_path(cache_dir, subject.real_path), limits::kSmall);
  return bytes ? decode_record(*bytes, subject.key, subject.real_path) : std::nullopt;
}

// A cache that cannot be written costs time, not the answer.
void write_record(const ProbedFacts& facts, const Subject& subject, const std::filesystem::path& cache_dir) {
  if (cache_dir.empty() || is_script(subject.real_path)) return;
  const auto record = record_path(cache_dir, subject.real_path);
  if (fs::make_dirs(record.parent_path()).ok())
    (void)fs::publish(record, encode_record(facts, subject.key, subject.real_path)).ok();
}

Result<ProbedFacts> recorded_or_probed(const std::filesystem::path& executable,
                                       const std::filesystem::path& cache_dir) {
  const auto subject = subject_of(executable);
  if (!subject) return make_error(ErrorKind::not_found, cat("there is no interpreter at ", quote(executable.native())));
  if (auto known = read_interpreter_record(*subject, cache_dir)) return std::move(*known);
  if (auto said = facts_of_build_details(subject->real_path)) {
    write_record(*said, *subject, cache_dir);
    return std::move(*said);
  }
  // One that pkg installed is asked by its own path: the link of its version may lead to another one tomorrow.
  const std::filesystem::path real_path = subject->real_path;
  PKG_TRY_ASSIGN(auto facts, run_probe(is_managed(real_path) ? real_path : executable));
  write_record(facts, *subject, cache_dir);
  return facts;
}

}  // namespace

std::string encode_record(const ProbedFacts& facts, const fs::FileKey& key, std::string_view real_path) {
  Writer writer;
  writer.out.bytes(validity(key, real_path));
  ProbedFacts copy = facts;
  visit_fields(copy, writer);
  writer.out.u32(crc32(writer.out.str()));
  return writer.out.take();
}

std::optional<ProbedFacts> decode_record(std::string_view bytes, const fs::FileKey& key, std::string_view real_path) {
  const std::string expected = validity(key, real_path);
  if (!bytes.starts_with(expected) || bytes.size() < expected.size() + 4) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - 4);
  if (BinaryReader(bytes.substr(body.size())).u32() != crc32(body)) return std::nullopt;
  ProbedFacts facts;
  Reader reader{BinaryReader(body.substr(expected.size()))};
  visit_fields(facts, reader);
  if (!reader.in.ok() || reader.in.left() != 0) return std::nullopt;
  return facts;
}

std::optional<ProbedFacts> recorded_facts(const std::filesystem::path& executable,
                                          const std::filesystem::path& cache_dir) {
  const auto subject = subject_of(executable);
  return subject ? read_interpreter_record(*subject, cache_dir) : std::nullopt;
}

void record_facts(const ProbedFacts& facts, const std::filesystem::path& executable,
                  const std::filesystem::path& cache_dir) {
  if (const auto subject = subject_of(executable)) write_record(facts, *subject, cache_dir);
}

Result<ProbedFacts> facts_of(const std::filesystem::path& executable, const std::filesystem::path& cache_dir) {
  PKG_TRY_ASSIGN(auto facts, recorded_or_probed(executable, cache_dir));
  PKG_TRY(check_supported(facts, executable));
  return facts;
}

}  // namespace pkg::venv
