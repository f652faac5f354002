#include "ops/tools/run_record.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <set>
#include <string_view>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "index/cache/cache.h"
#include "index/sources_digest.h"
#include "ops/project/digest.h"
#include "resolver/policy.h"
#include "venv/state_key.h"
#include "venv/transaction/state_folder.h"

namespace pkg::ops {
namespace {

constexpr std::string_view kFormat = "pkg tool run 1";

std::filesystem::path file_of(const std::string& digest, const Session& session) {
  return index::CachePaths{session.cache_dir()}.tool_runs() / digest;
}

// `pkg cache prune --unused-for` goes by it, to a day.
void note_use(const std::filesystem::path& file, std::int64_t now) {
  struct stat st {};
  if (::stat(file.c_str(), &st) == 0 && now - st.st_mtim.tv_sec > time::kDay)
    (void)::utimensat(AT_FDCWD, file.c_str(), nullptr, 0);
}

bool is_folder_name(std::string_view name) {
  return !name.empty() && !name.starts_with('.') && name.find('/') == std::string_view::npos;
}

void add_names(Digest& digest, const std::set<pep::Name>& names) {
  for (const auto& name : names) digest.add(name.str());
  digest.add("");
}

void add_policy(Digest& digest, const resolver::Policy& policy) {
  digest.add(resolver::word_for(policy.prereleases));
  for (const auto& [name, prereleases] : policy.prereleases_of)
    digest.add(cat(name.str(), "=", resolver::word_for(prereleases)));
  digest.add("");
  digest.add(cat(static_cast<int>(policy.order)));
  add_names(digest, policy.format.no_binary);
  add_names(digest, policy.format.only_binary);
  std::string flags;
  for (const bool flag :
       {policy.format.no_binary_all, policy.format.only_binary_all, policy.variants.none, policy.prefer_binary,
        policy.ignore_requires_python, policy.strict_requires_python, policy.no_deps})
    flags += flag ? '1' : '0';
  digest.add(flags);
  for (const auto& space : policy.variants.named) {
    digest.add(space.name);
    for (const auto& feature : space.features) {
      digest.add(feature.name);
      for (const auto& value : feature.values) digest.add(value);
      digest.add("");
    }
  }
}

}  // namespace

std::string run_digest(const std::string& request, const ResolveOptions& options, const Session& session) {
  Digest digest;
  digest.add(kFormat);
  digest.add(request);
  digest.add(index::sources_digest(session.settings()));
  add_policy(digest, options.policy);
  digest.add(options.exclude_newer);
  return digest.finish();
}

std::optional<RunRecord> read_run(const std::string& digest, const Session& session) {
  const auto bytes = fs::read_file_at_most(file_of(digest, session), limits::kOneLine);
  if (!bytes) return std::nullopt;
  const auto text = venv::unsealed(kFormat, *bytes, session.state_key());
  if (!text) return std::nullopt;
  const auto lines = split_lines(*text);
  if (lines.size() != 3 || lines[0] != digest || !is_folder_name(lines[1])) return std::nullopt;
  auto package = pep::Name::parse(lines[2]);
  if (!package) return std::nullopt;
  note_use(file_of(digest, session), session.now());
  return RunRecord{std::string(lines[1]), std::move(package).value()};
}

void write_run(const std::string& digest, const RunRecord& record, const Session& session) {
  if (!session.state_key().is_kept()) return;
  const auto file = file_of(digest, session);
  if (!fs::make_dirs(file.parent_path())) return;
  const auto text = cat(digest, "\n", record.environment, "\n", record.package.str(), "\n");
  (void)fs::publish(file, venv::sealed(kFormat, text, session.state_key()), fs::Durability::none, 0600);
}

void forget_run(const std::string& digest, const Session& session) { ::unlink(file_of(digest, session).c_str()); }

}  // namespace pkg::ops
