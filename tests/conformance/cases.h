#pragma once
// Runs a predicate over the cases of one section of a big vector file.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conformance/sections.h"

namespace pkg::conformance {

using VectorJson = nlohmann::json;

// nullopt when the file is not there or is no JSON.
inline std::optional<VectorJson> load_vectors(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  VectorJson document = VectorJson::parse(text, nullptr, false);
  if (document.is_discarded()) return std::nullopt;
  return document;
}

inline SectionResult unreadable(const std::string& file) { return SectionResult{file, "-", 1, {"FILE"}}; }

// passes(case) -> bool. A case that the runner itself cannot take (a missing key) counts as failing.
template <class Passes>
SectionResult run_cases(const VectorJson& document, const std::string& file, const std::string& section,
                        Passes passes) {
  SectionResult result{file, section, 0, {}};
  for (const VectorJson& item : document.at("sections").at(section).at("cases")) {
    ++result.total;
    bool passed = false;
    try {
      passed = passes(item);
    } catch (const VectorJson::exception&) {
    }
    if (!passed) result.failed.push_back(item.at("id").get<std::string>());
  }
  return result;
}

inline std::vector<std::string> texts(const VectorJson& list) { return list.get<std::vector<std::string>>(); }

}  // namespace pkg::conformance
