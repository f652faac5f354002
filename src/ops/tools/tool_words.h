#pragma once
// What the words of `pkg tool` name: `ruff`, `ruff@0.4.1`, `ruff@latest`, `ruff>=0.4`, `./folder`, `git+https://…`.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"
#include "ops/tools/tool_receipt.h"
#include "pep/requirement.h"

namespace pkg::ops {

// `word` with `NAME@VERSION` as a requirement, and whether it says `@latest`.
struct ToolWord {
  std::string requirement;
  bool is_latest = false;
};
ToolWord tool_word(std::string_view word);

// The requirement that a word stands for: relative paths made absolute, a source that does not say its name looked at
// (which may build it: session.need_builds()). A word that is only a name is never a path. Errors: those of
// input_from_word() and resolve_unnamed(); of those where nothing can be built.
Result<pep::Requirement> settled_word(const std::string& word, bool editable, Session& session);
Result<std::vector<pep::Requirement>> settled_words(const std::vector<std::string>& words, Session& session);

}  // namespace pkg::ops
