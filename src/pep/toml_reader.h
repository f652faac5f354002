#pragma once
// Reads values of one TOML file as what they should be; every complaint names file and line.

#include <string>
#include <string_view>
#include <vector>

#include "base/origin.h"
#include "base/result.h"
#include "base/toml.h"
#include "pep/requirement.h"

namespace pkg::pep {

// `what` names the value in messages ("project.name"). All errors are bad_data. `file` outlives the reader.
class TomlReader {
 public:
  explicit TomlReader(const std::string& file) : file_(file) {}

  Error wrong(const toml::Value& at, std::string message) const;  // with file:line
  Error wrong_type(const toml::Value& at, std::string_view what, std::string_view expected) const;
  Origin origin(const toml::Value& at) const;

  Result<std::string> text(const toml::Value& value, std::string_view what) const;
  Result<std::vector<std::string>> texts(const toml::Value& value, std::string_view what) const;
  Result<bool> truth(const toml::Value& value, std::string_view what) const;
  Result<Name> name(const toml::Value& value, std::string_view what) const;
  Result<Name> key_name(const toml::TableEntry& entry,
                        std::string_view what) const;  // the key, as a project's or extra's name
  Result<std::vector<Name>> names(const toml::Value& value, std::string_view what) const;
  Result<Marker> marker(const toml::Value& value, std::string_view what) const;
  Result<Requirement> requirement(const toml::Value& value, std::string_view what) const;  // with its origin
  Result<std::vector<Requirement>> requirements(const toml::Value& value, std::string_view what) const;

 private:
  const std::string& file_;
};

}  // namespace pkg::pep
