#include "index/settings.h"

#include "base/text.h"

namespace pkg::index {

std::string root_of(const IndexLocation& index) {
  const auto& given = index.url.with_credentials();
  auto root = given.starts_with("file:") ? given : index.url.without_credentials();
  if (!root.ends_with('/')) root.push_back('/');
  return root;
}

std::string label_of(const IndexLocation& index) { return index.name.empty() ? root_of(index) : index.name; }

std::string rules_text(const IndexRules& rules) {
  std::string text = rules.is_flat ? "flat" : "";
  if (!rules.exclude_newer.empty()) append(text, " exclude-newer ", rules.exclude_newer);
  for (const auto status : rules.ignored_statuses) append(text, " ignores ", status);
  return text;
}

}  // namespace pkg::index
