#include "venv/verify.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/tasks.h"
#include "base/text.h"
#include "pep/record.h"
#include "venv/owned_paths.h"
#include "venv/site_files.h"
#include "venv/transaction/overwritten.h"

namespace pkg::venv {
namespace {

struct Row {
  std::size_t dist;
  std::string path, target, hash;
  std::optional<std::uint64_t> size;
};

bool is_bytecode(std::string_view path) { return path.ends_with(".pyc"); }

Result<std::string> digest_of(const fs::Fd& fd, hash::Algorithm algorithm, const std::string& path) {
  hash::Hasher hasher(algorithm);
  std::array<char, 128 * 1024> buffer;
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fs::errno_error("cannot read", path, errno);
    if (got == 0) return hash::to_base64url(hasher.finish());
    hasher.update(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

// Compares one file with its row; the problem's dist and path are filled in by the caller.
std::optional<FileProblem> check(const Row& row) {
  using Kind = FileProblem::Kind;
  const auto problem = [](Kind kind, std::string detail) { return FileProblem{kind, {}, {}, std::move(detail)}; };
  const fs::Fd fd(::open(row.target.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    if (errno == ENOENT || errno == ENOTDIR) return problem(Kind::missing, "no such file");
    return problem(Kind::unreadable, fs::errno_error("cannot open", row.target, errno).message);
  }
  struct stat info;
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return problem(Kind::altered, "not a regular file");
  if (row.size && *row.size != static_cast<std::uint64_t>(info.st_size))
    return problem(Kind::altered, cat("expected ", *row.size, " bytes, found ", info.st_size));
  const auto said = pep::split_record_hash(row.hash);
  const auto algorithm = said ? hash::algorithm_from_name(said->algorithm) : std::nullopt;
  if (!algorithm) return std::nullopt;
  auto found = digest_of(fd, *algorithm, row.target);
  if (!found.ok()) return problem(Kind::unreadable, found.error().message);
  std::string_view expected = said->digest_base64url;
  while (expected.ends_with('=')) expected.remove_suffix(1);
  if (expected != *found)
    return problem(Kind::altered, cat("expected ", hash::name(*algorithm), ' ', expected, ", found ", *found));
  return std::nullopt;
}

// RECORD may have the hash of a METADATA that is of something else.
std::optional<FileProblem> contradiction(const InstalledDist& dist, std::span<const FileProblem> known) {
  if (dist.kind != InstalledKind::dist_info) return std::nullopt;
  const auto found = contradicting_metadata(dist);
  if (!found) return std::nullopt;
  auto path = cat(dist.info.filename().native(), "/METADATA");
  if (std::ranges::any_of(known,
                          [&](const auto& problem) { return problem.dist == dist.name && problem.path == path; }))
    return std::nullopt;
  return FileProblem{FileProblem::Kind::altered, dist.name, std::move(path), cat("it is the metadata of ", *found)};
}

// Files that are kept aside while another distribution's lies at their path: they are where RECORD's are looked for.
class KeptAside {
 public:
  static Result<KeptAside> read(const Environment& environment, const Boundary& boundary) {
    KeptAside aside;
    PKG_TRY_ASSIGN(aside.files_, Overwritten::read(boundary));
    if (aside.files_.paths.empty()) return aside;
    PKG_TRY_ASSIGN(const auto all, installed(environment));
    ClaimsOf claims(all);
    std::string key;
    claims.for_each([&](const InstalledDist& dist, std::string_view path, std::string_view) {
      key = path;
      if (!aside.files_.has(dist.name.str(), key)) aside.in_place_.insert(key);
    });
    return aside;
  }

  std::string where(const Boundary& boundary, const pep::Name& name, std::string target) const {
    if (!files_.has(name.str(), target) || !in_place_.contains(target)) return target;
    return overwritten_copy(boundary, name.str(), target);
  }

 private:
  Overwritten files_;
  std::unordered_set<std::string> in_place_;
};

}  // namespace

Result<std::vector<FileProblem>> verify(std::span<const InstalledDist> dists, const Environment& environment) {
  const Boundary boundary(environment.layout);
  PKG_TRY_ASSIGN(const auto aside, KeptAside::read(environment, boundary));
  std::vector<FileProblem> problems;
  std::vector<Row> rows;
  std::string buffer;
  for (std::size_t d = 0; d < dists.size(); ++d) {
    if (dists[d].kind != InstalledKind::dist_info) continue;  // older formats have no hashes
    const auto text = read_record_text(dists[d]);
    if (!text.ok()) {
      problems.push_back({FileProblem::Kind::no_record, dists[d].name, dists[d].info.filename().native() + "/RECORD",
                          text.error().message});
      continue;
    }
    const std::string site = resolved(dists[d].info.parent_path().native());
    for (pep::RecordReader record(*text); record.next_file();) {
      if (is_bytecode(record.path())) continue;
      std::string target(record_target(site, record.path(), buffer));
      if (boundary.contains(target))
        rows.push_back({d, std::string(record.path()), aside.where(boundary, dists[d].name, std::move(target)),
                        std::string(record.hash()), parse_u64(record.size())});
    }
  }

  std::vector<std::optional<FileProblem>> found(rows.size());
  parallel_for(rows.size(), rows.size() < 64 ? 1 : core_count(), [&](std::size_t i) { found[i] = check(rows[i]); });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!found[i]) continue;
    found[i]->dist = dists[rows[i].dist].name;
    found[i]->path = rows[i].path;
    problems.push_back(*std::move(found[i]));
  }
  for (const auto& dist : dists) {
    if (auto problem = contradiction(dist, problems)) problems.push_back(*std::move(problem));
  }
  return problems;
}

}  // namespace pkg::venv
