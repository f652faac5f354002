#pragma once
// Words that people ask for though no project is called so: modules of the standard library, names that are imported
// and differ from the distribution's, names of files. For hints only: nothing is ever replaced.

#include <optional>
#include <string>
#include <string_view>

#include "pep/name.h"

namespace pkg::ops {

// The distribution that a name stands for when it is imported: `sklearn` → "scikit-learn".
std::optional<std::string_view> distribution_of_import(const pep::Name& name);

// What to say of a project that no index has; empty: nothing is known of the word. `written`: as the user wrote it.
std::string advice_on_name(const pep::Name& name, std::string_view written);

}  // namespace pkg::ops
