#include "ops/project/member_indexes.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "index/http/auth.h"
#include "index/index_table.h"
#include "ops/project/settings_table.h"
#include "ops/session/trusted_projects.h"

namespace pkg::ops {
namespace {

const toml::Value* index_table(const Member& member) {
  const auto* own = tool_entry(member.pyproject.root, "pkg");
  return own == nullptr ? nullptr : own->get("index");
}

Error two_places(const std::string& name, const Member& member, const SecretUrl& here, const std::string& other,
                 const SecretUrl& there) {
  return make_error(ErrorKind::conflict, cat("the index ", quote(name), " is two places in this workspace"),
                    "give one of them another name")
      .with(cat(member.file_name, " says ", here.shown(), ", and ", other, " says ", there.shown()));
}

void add(index::IndexLocation location, index::Settings& settings) {
  location.is_explicit = true;
  if (!trusts_every_project(process_environment())) {
    location.takes_variables = index::leads_where_user_says(location, settings.indexes);
    if (!location.takes_variables) settings.foreign_urls.insert(location.url);
  }
  settings.indexes.push_back(std::move(location));
}

}  // namespace

Status add_member_indexes(const Project& project, index::Settings& settings) {
  std::map<std::string, std::pair<const Member*, SecretUrl>> named;
  for (const auto& member : project.members) {
    const auto* table = index_table(member);
    if (table == nullptr) continue;
    const bool is_root = &member == &project.members.front();
    PKG_TRY_ASSIGN(auto entries, index::read_index_tables(*table, member.file_name, member.folder));
    for (auto& entry : entries) {
      auto& location = entry.location;
      if (location.name.empty() && !is_root)
        return make_error(ErrorKind::bad_data, "an index of a member needs a `name`: only its sources ask it",
                          "indexes for everything are named in the root's pyproject.toml")
            .with(cat("in ", member.file_name));
      if (location.name.empty()) continue;
      const auto [known, is_new] = named.try_emplace(location.name, &member, location.url);
      if (!is_new && known->second.second != location.url)
        return two_places(location.name, member, location.url, known->second.first->file_name, known->second.second);
      const auto is_it = [&](const index::IndexLocation& one) { return one.name == location.name; };
      if (is_root || settings.no_index || std::ranges::any_of(settings.indexes, is_it)) continue;
      add(std::move(location), settings);
    }
  }
  return ok_status();
}

}  // namespace pkg::ops
