#include "lock/pylock_tool.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"

namespace pkg::lock {
namespace {

bool is_before(const LockedDependency& a, const LockedDependency& b) {
  return std::tie(a.name, a.version) < std::tie(b.name, b.version);
}

std::string text_or_empty(const toml::Value& table, std::string_view key) {
  const auto* value = table.get(key);
  return value != nullptr && value->as_string() != nullptr ? *value->as_string() : std::string();
}

// nullopt: an entry that names no package; the standard gives these entries no form that must be met.
std::optional<LockedDependency> plain_dependency(const toml::Value& table) {
  auto name = pep::Name::parse(text_or_empty(table, "name"));
  if (!name) return std::nullopt;
  LockedDependency out;
  out.name = std::move(name).value();
  out.version = pep::Version::try_parse(text_or_empty(table, "version"));
  return out;
}

Result<LockedDependency> tool_dependency(const Fields& fields, const toml::Value& table) {
  auto out = plain_dependency(table);
  if (!out) return fields.wrong("name", "is no project name");
  PKG_TRY(fields.marker("marker", out->marker));
  PKG_TRY(fields.names("extras", out->extras));
  return std::move(*out);
}

Status read_tool_dependencies(const Fields& tool, std::vector<LockedDependency>& out) {
  PKG_TRY_ASSIGN(const auto* items, tool.tables("dependencies"));
  if (items == nullptr) return ok_status();
  std::vector<LockedDependency> told;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Fields entry((*items)[i], Place{&tool.place(), "dependencies", static_cast<int>(i)}, tool.file_name());
    PKG_TRY_ASSIGN(auto dependency, tool_dependency(entry, (*items)[i]));
    told.push_back(std::move(dependency));
  }
  // An entry here replaces the plain entry of that name and version.
  std::erase_if(out, [&](const LockedDependency& plain) {
    return std::any_of(told.begin(), told.end(),
                       [&](const LockedDependency& other) { return same_entry(plain, other); });
  });
  out.insert(out.end(), std::make_move_iterator(told.begin()), std::make_move_iterator(told.end()));
  return ok_status();
}

Status read_package_tool(const Fields& package, LockedPackage& out) {
  PKG_TRY_ASSIGN(const auto* all, package.table("tool"));
  const auto* ours = all != nullptr ? all->get("pkg") : nullptr;
  if (ours == nullptr) return ok_status();
  const Place place{&package.place(), "tool.pkg"};
  const Fields tool(*ours, place, package.file_name());
  if (ours->as_table() == nullptr) return tool.wrong_table("is no table");
  PKG_TRY(tool.names("extras", out.extras));
  return read_tool_dependencies(tool, out.dependencies);
}

Status read_options(const Fields& tool, std::vector<std::pair<std::string, std::string>>& out) {
  PKG_TRY_ASSIGN(const auto* table, tool.table("options"));
  if (table == nullptr) return ok_status();
  for (const auto& [key, value] : *table->as_table()) {
    if (value.as_string() == nullptr)
      return tool.wrong("options", cat("holds ", value.type_name(), ", expected strings"));
    out.emplace_back(key, *value.as_string());
  }
  std::sort(out.begin(), out.end());
  return ok_status();
}

Status read_group_pythons(const Fields& tool, std::vector<std::pair<pep::Name, pep::SpecifierSet>>& out) {
  constexpr std::string_view kKey = "group-requires-python";
  PKG_TRY_ASSIGN(const auto* table, tool.table(kKey));
  if (table == nullptr) return ok_status();
  for (const auto& [key, value] : *table->as_table()) {
    if (value.as_string() == nullptr) return tool.wrong(kKey, cat("holds ", value.type_name(), ", expected strings"));
    auto pythons = pep::SpecifierSet::parse(*value.as_string());
    if (!pythons) return tool.in(kKey, std::move(pythons).error());
    out.emplace_back(pep::Name::from_normalized(pep::normalize_name(key)), std::move(*pythons));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return ok_status();
}

Result<resolver::ConflictItem> conflict_item(const Fields& tool, const toml::Value& value) {
  resolver::ConflictItem item;
  auto text = text_or_empty(value, "extra");
  item.is_group = text.empty();
  if (item.is_group) text = text_or_empty(value, "group");
  auto name = pep::Name::parse(text);
  if (!name) return tool.wrong("conflicts", "holds an item that names neither an extra nor a group");
  item.name = std::move(name).value();
  return item;
}

Status read_conflicts(const Fields& tool, std::vector<std::vector<resolver::ConflictItem>>& out) {
  PKG_TRY_ASSIGN(const auto* sets, tool.list("conflicts"));
  if (sets == nullptr) return ok_status();
  for (const auto& set : *sets) {
    if (set.as_array() == nullptr)
      return tool.wrong("conflicts", cat("holds ", set.type_name(), ", expected arrays of tables"));
    auto& items = out.emplace_back();
    for (const auto& value : *set.as_array()) {
      PKG_TRY_ASSIGN(auto item, conflict_item(tool, value));
      items.push_back(std::move(item));
    }
  }
  return ok_status();
}

}  // namespace

Status read_tool(const Fields& root, ReadPackage read_package, LockTool& out) {
  PKG_TRY_ASSIGN(const auto* all, root.table("tool"));
  const auto* ours = all != nullptr ? all->get("pkg") : nullptr;
  if (ours == nullptr) return ok_status();
  const Fields tool(*ours, Place{&root.place(), "tool.pkg"}, root.file_name());
  if (ours->as_table() == nullptr) return tool.wrong_table("is no table");
  const auto* version = ours->get("version");
  if (version == nullptr || version->as_integer() == nullptr || *version->as_integer() < 1 ||
      *version->as_integer() > 1'000'000)
    return tool.wrong("version", "is no positive integer");
  out.version = static_cast<int>(*version->as_integer());
  if (out.version != kLockToolVersion) return ok_status();
  PKG_TRY(tool.text("inputs-digest", out.inputs_digest));
  PKG_TRY(tool.flag("mirror-neutral", out.mirror_neutral));
  PKG_TRY(tool.texts("requirements", out.requirements));
  PKG_TRY(read_conflicts(tool, out.conflicts));
  PKG_TRY(read_group_pythons(tool, out.group_pythons));
  PKG_TRY(read_builds(tool, read_package, out));
  return read_options(tool, out.options);
}

Status read_dependencies(const Fields& package, bool with_tool, LockedPackage& out) {
  PKG_TRY_ASSIGN(const auto* items, package.tables("dependencies"));
  if (items != nullptr) {
    for (const auto& item : *items) {
      auto dependency = plain_dependency(item);
      if (dependency) out.dependencies.push_back(std::move(*dependency));
    }
  }
  if (with_tool) {
    PKG_TRY(read_package_tool(package, out));
  } else {
    PKG_TRY_ASSIGN([[maybe_unused]] const auto* tool, package.table("tool"));
  }
  std::stable_sort(out.dependencies.begin(), out.dependencies.end(), is_before);
  out.dependencies.erase(std::unique(out.dependencies.begin(), out.dependencies.end()), out.dependencies.end());
  return ok_status();
}

void forget_stand_ins(LockedPackage& package) {
  const auto forget = [](LockedFile& file) {
    if (file.url.empty() && file.path == file.name) file.path.clear();
  };
  std::for_each(package.wheels.begin(), package.wheels.end(), forget);
  if (package.sdist) forget(*package.sdist);
}

}  // namespace pkg::lock
