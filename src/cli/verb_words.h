#pragma once
// What pip, uv, Poetry, conda, npm, apt and brew call what pkg does: hints for people who bring those words along.

#include <optional>
#include <string_view>

namespace pkg::cli {

// What to say to somebody who typed `pkg WORD`: the verb of pkg, or that there is none; nullopt: the word is not known.
std::optional<std::string_view> advice_on_verb(std::string_view word);

}  // namespace pkg::cli
