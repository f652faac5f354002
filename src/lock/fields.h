#pragma once
// Typed, checked access to the keys of a TOML table, with errors that name the place: "pylock.toml:12:
// `packages[3].wheels[0].size` …".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "pep/marker.h"
#include "pep/name.h"

namespace pkg::lock {

// Where a table is, as a chain on the stack: a text is only made of it for a message.
struct Place {
  const Place* parent = nullptr;
  std::string_view key;
  int index = -1;  // in an array of tables
  std::string to_string() const;
};

// One table. Cheap to make; keeps references to the table and the name of the file. Absent keys leave `out` as it is;
// errors are bad_data.
class Fields {
 public:
  Fields(const toml::Value& table, Place place, const std::string& file_name)
      : table_(table), place_(place), file_name_(file_name) {}

  bool has(std::string_view key) const { return table_.get(key) != nullptr; }
  bool is_flag(std::string_view key) const { return has(key) && table_.get(key)->as_bool() != nullptr; }
  Status text(std::string_view key, std::string& out) const;
  Status required_text(std::string_view key, std::string& out) const;
  Status flag(std::string_view key, bool& out) const;
  Status size(std::string_view key, std::optional<std::uint64_t>& out) const;      // not negative
  Status date_time(std::string_view key, std::optional<std::int64_t>& out) const;  // without an offset: UTC
  Status texts(std::string_view key, std::vector<std::string>& out) const;
  Status marker(std::string_view key, pep::Marker& out) const;
  Status names(std::string_view key, std::vector<pep::Name>& out) const;  // of projects or extras, in any spelling
  Result<const toml::Array*> list(std::string_view key) const;            // nullptr: absent
  Result<const toml::Value*> table(std::string_view key) const;           // likewise
  Result<const toml::Array*> tables(std::string_view key) const;  // an array whose members are all tables; likewise

  // What is wrong with the value of `key`, or with the table where it lacks that key: "PLACE.key WHAT".
  Error wrong(std::string_view key, std::string_view what) const;
  Error missing(std::string_view key) const { return wrong(key, "is missing"); }
  // What is wrong with the table as a whole.
  Error wrong_table(std::string_view what) const;
  // The parse error of a key's text, in its place.
  Error in(std::string_view key, Error cause) const;

  const Place& place() const { return place_; }
  const std::string& file_name() const { return file_name_; }

 private:
  std::string path_of(std::string_view key) const;
  Error wrong_type(std::string_view key, std::string_view expected) const;

  const toml::Value& table_;
  Place place_;
  const std::string& file_name_;
};

}  // namespace pkg::lock
