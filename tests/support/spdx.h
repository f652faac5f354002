#pragma once
// The identifiers of the SPDX license list.

#include <optional>
#include <string_view>

namespace pkg::pep {

// The identifier in its official spelling; ASCII case of `id` is ignored. nullopt: not in the list.
std::optional<std::string_view> spdx_license(std::string_view id);
std::optional<std::string_view> spdx_exception(std::string_view id);

}  // namespace pkg::pep
