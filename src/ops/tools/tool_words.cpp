#include "ops/tools/tool_words.h"

#include <utility>
#include <variant>

#include "base/text.h"
#include "ops/inputs/input_words.h"
#include "ops/inputs/inputs.h"
#include "pep/name.h"
#include "pep/version.h"

namespace pkg::ops {
namespace {

bool is_name_with_extras(std::string_view text) {
  if (const auto open = text.find('['); open != std::string_view::npos && text.ends_with(']'))
    text = text.substr(0, open);
  return pep::is_valid_name(trim(text));
}

}  // namespace

ToolWord tool_word(std::string_view word) {
  const auto at = word.find('@');
  if (at == std::string_view::npos || !is_name_with_extras(trim(word.substr(0, at)))) return {std::string(word)};
  const auto name = trim(word.substr(0, at));
  const auto version = trim(word.substr(at + 1));
  if (version == "latest") return {std::string(name), true};
  if (!pep::Version::try_parse(version)) return {std::string(word)};
  return {cat(name, "==", version)};
}

Result<pep::Requirement> settled_word(const std::string& word, bool editable, Session& session) {
  const WordPlace place{session.working_folder(), {}, Origin::command_line()};
  PKG_TRY_ASSIGN(auto input,
                 input_from_word(tool_word(word).requirement, place, editable ? WordForm::editable : WordForm::plain));
  if (auto* requirement = std::get_if<pep::Requirement>(&input)) return std::move(*requirement);
  Inputs inputs;
  inputs.unnamed.push_back(std::get<UnnamedInput>(std::move(input)));
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  PKG_TRY(resolve_unnamed(inputs, *builds));
  if (inputs.requirements.size() != 1)
    return make_error(ErrorKind::bad_data, cat(quote(word), " names no project"), "name one package");
  return std::move(inputs.requirements.front());
}

Result<std::vector<pep::Requirement>> settled_words(const std::vector<std::string>& words, Session& session) {
  std::vector<pep::Requirement> requirements;
  for (const auto& word : words) {
    PKG_TRY_ASSIGN(auto requirement, settled_word(word, false, session));
    requirements.push_back(std::move(requirement));
  }
  return requirements;
}

}  // namespace pkg::ops
