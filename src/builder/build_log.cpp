#include "builder/build_log.h"

#include "base/text.h"

namespace pkg::builder {

std::vector<std::string> telling_lines(std::string_view log, std::size_t limit) {
  std::vector<std::string> out;
  const auto lines = split_lines(log);
  for (std::size_t i = lines.size() > limit ? lines.size() - limit : 0; i < lines.size(); ++i) out.emplace_back(lines[i]);
  return out;
}

std::string hint_for(std::string_view) { return {}; }

}  // namespace pkg::builder
