#include "pep/requirement_list.h"

namespace pkg::pep {

Result<SharedRequirement> RequirementPool::parse(std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = known_.find(text); known != known_.end()) return known->second;
  }
  PKG_TRY_ASSIGN(auto parsed, Requirement::parse(text));
  auto shared = std::make_shared<const Requirement>(std::move(parsed));
  const std::lock_guard lock(mutex_);
  return known_.try_emplace(std::string(text), std::move(shared)).first->second;
}

}  // namespace pkg::pep
