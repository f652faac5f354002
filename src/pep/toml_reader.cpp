#include "pep/toml_reader.h"

#include <utility>

#include "base/text.h"

namespace pkg::pep {
namespace {

// An array's items, each read by `read`.
template <class T, class Read, class NotAnArray>
Result<std::vector<T>> items_of(const toml::Value& value, const Read& read, const NotAnArray& not_an_array) {
  const toml::Array* items = value.as_array();
  if (items == nullptr) return not_an_array();
  std::vector<T> out;
  out.reserve(items->size());
  for (const toml::Value& item : *items) {
    PKG_TRY_ASSIGN(auto one, read(item));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

Error TomlReader::wrong(const toml::Value& at, std::string message) const {
  return make_error(ErrorKind::bad_data, std::move(message)).with(cat("at ", origin(at).to_string()));
}

Error TomlReader::wrong_type(const toml::Value& at, std::string_view what, std::string_view expected) const {
  return wrong(at, cat(quote(what), " is ", at.type_name(), ", not ", expected));
}

Origin TomlReader::origin(const toml::Value& at) const {
  return {.file = file_, .what = {}, .line = at.line, .column = at.column};
}

Result<std::string> TomlReader::text(const toml::Value& value, std::string_view what) const {
  const std::string* text = value.as_string();
  if (text == nullptr) return wrong_type(value, what, "a string");
  return *text;
}

Result<std::vector<std::string>> TomlReader::texts(const toml::Value& value, std::string_view what) const {
  const auto read = [&](const toml::Value& item) { return text(item, cat("an item of ", what)); };
  return items_of<std::string>(value, read, [&] { return wrong_type(value, what, "an array of strings"); });
}

Result<bool> TomlReader::truth(const toml::Value& value, std::string_view what) const {
  const bool* truth = value.as_bool();
  if (truth == nullptr) return wrong_type(value, what, "true or false");
  return *truth;
}

Result<Name> TomlReader::name(const toml::Value& value, std::string_view what) const {
  PKG_TRY_ASSIGN(const auto written, text(value, what));
  auto parsed = Name::parse(written);
  if (!parsed) return std::move(parsed).error().with(cat("in ", what, " at ", origin(value).to_string()));
  return std::move(*parsed);
}

Result<Name> TomlReader::key_name(const toml::TableEntry& entry, std::string_view what) const {
  auto parsed = Name::parse(entry.first);
  if (!parsed) return std::move(parsed).error().with(cat("in ", what, " at ", origin(entry.second).to_string()));
  return std::move(*parsed);
}

Result<std::vector<Name>> TomlReader::names(const toml::Value& value, std::string_view what) const {
  const auto read = [&](const toml::Value& item) { return name(item, cat("an item of ", what)); };
  return items_of<Name>(value, read, [&] { return wrong_type(value, what, "an array of names"); });
}

Result<Marker> TomlReader::marker(const toml::Value& value, std::string_view what) const {
  PKG_TRY_ASSIGN(const auto written, text(value, what));
  auto parsed = Marker::parse(written);
  if (!parsed) return std::move(parsed).error().with(cat("in ", what, " at ", origin(value).to_string()));
  return std::move(*parsed);
}

Result<Requirement> TomlReader::requirement(const toml::Value& value, std::string_view what) const {
  PKG_TRY_ASSIGN(const auto written, text(value, what));
  auto parsed = Requirement::parse(written);
  if (!parsed) return std::move(parsed).with(cat("in ", what, " at ", origin(value).to_string()));
  parsed->origin = origin(value);
  return parsed;
}

Result<std::vector<Requirement>> TomlReader::requirements(const toml::Value& value, std::string_view what) const {
  const auto read = [&](const toml::Value& item) { return requirement(item, what); };
  return items_of<Requirement>(value, read, [&] {
    auto error = wrong_type(value, what, "an array of requirements");
    return value.as_table() == nullptr ? error
                                       : std::move(error).with_hint(
                                             "as in [\"NAME>=1.2\"]; `pkg import` rewrites the "
                                             "tables of Poetry");
  });
}

}  // namespace pkg::pep
