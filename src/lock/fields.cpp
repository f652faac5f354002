#include "lock/fields.h"

#include "base/text.h"
#include "base/time.h"

namespace pkg::lock {
namespace {

// The years that RFC 3339 can write, UTC.
constexpr std::int64_t kEarliest = -62'135'596'800, kLatest = 253'402'300'799;

// TOML's date-times as RFC 3339 has them: a T between date and time, and an offset at the end. Empty: a bare date or
// time.
std::string as_rfc3339(std::string_view text) {
  constexpr std::size_t kSeconds = 19;  // "2024-05-01T12:30:00"
  if (text.size() < kSeconds || text[4] != '-') return {};
  std::string out(text);
  out[10] = 'T';
  std::size_t at = kSeconds;
  if (at < out.size() && out[at] == '.') ++at;
  while (at < out.size() && is_ascii_digit(out[at])) ++at;
  if (at == out.size()) out += 'Z';
  return out;
}

}  // namespace

std::string Place::to_string() const {
  if (parent == nullptr) return {};
  std::string out = parent->to_string();
  if (!out.empty()) out += '.';
  out += key;
  if (index >= 0) append(out, '[', index, ']');
  return out;
}

std::string Fields::path_of(std::string_view key) const {
  const std::string path = place_.to_string();
  return path.empty() ? std::string(key) : cat(path, '.', key);
}

Error Fields::wrong(std::string_view key, std::string_view what) const {
  const auto* value = table_.get(key);
  const int line = value != nullptr ? value->line : table_.line;
  return make_error(ErrorKind::bad_data, cat(file_name_, ':', line, ": `", path_of(key), "` ", what));
}

Error Fields::wrong_table(std::string_view what) const {
  return make_error(ErrorKind::bad_data, cat(file_name_, ':', table_.line, ": `", place_.to_string(), "` ", what));
}

Error Fields::wrong_type(std::string_view key, std::string_view expected) const {
  return wrong(key, cat("is ", table_.get(key)->type_name(), ", expected ", expected));
}

Error Fields::in(std::string_view key, Error cause) const {
  Error error = wrong(key, cat("is wrong: ", cause.message));
  error.context = std::move(cause.context);
  error.hint = std::move(cause.hint);
  return error;
}

Status Fields::text(std::string_view key, std::string& out) const {
  const auto* value = table_.get(key);
  if (value == nullptr) return ok_status();
  if (value->as_string() == nullptr) return wrong_type(key, "a string");
  out = *value->as_string();
  return ok_status();
}

Status Fields::required_text(std::string_view key, std::string& out) const {
  if (!has(key)) return missing(key);
  return text(key, out);
}

Status Fields::flag(std::string_view key, bool& out) const {
  const auto* value = table_.get(key);
  if (value == nullptr) return ok_status();
  if (value->as_bool() == nullptr) return wrong_type(key, "a boolean");
  out = *value->as_bool();
  return ok_status();
}

Status Fields::size(std::string_view key, std::optional<std::uint64_t>& out) const {
  const auto* value = table_.get(key);
  if (value == nullptr) return ok_status();
  const auto* number = value->as_integer();
  if (number == nullptr) return wrong_type(key, "an integer");
  if (*number < 0) return wrong(key, cat("is ", *number, ", expected a number of bytes"));
  out = static_cast<std::uint64_t>(*number);
  return ok_status();
}

Status Fields::date_time(std::string_view key, std::optional<std::int64_t>& out) const {
  const auto* value = table_.get(key);
  if (value == nullptr) return ok_status();
  const auto* written = std::get_if<toml::DateTime>(&value->data);
  const std::string text = written != nullptr ? as_rfc3339(written->text) : std::string();
  if (text.empty()) return wrong_type(key, "a date with a time");
  const auto seconds = time::parse_rfc3339(text);
  if (seconds && *seconds >= kEarliest && *seconds <= kLatest) out = seconds;
  return ok_status();
}

Status Fields::texts(std::string_view key, std::vector<std::string>& out) const {
  PKG_TRY_ASSIGN(const auto* items, list(key));
  if (items == nullptr) return ok_status();
  for (const auto& item : *items) {
    if (item.as_string() == nullptr) return wrong(key, cat("holds ", item.type_name(), ", expected strings"));
    out.push_back(*item.as_string());
  }
  return ok_status();
}

Status Fields::marker(std::string_view key, pep::Marker& out) const {
  if (!has(key)) return ok_status();
  std::string written;
  PKG_TRY(text(key, written));
  auto parsed = pep::Marker::parse(written);
  if (!parsed) return in(key, std::move(parsed).error());
  out = std::move(parsed).value();
  return ok_status();
}

Status Fields::names(std::string_view key, std::vector<pep::Name>& out) const {
  std::vector<std::string> written;
  PKG_TRY(texts(key, written));
  for (const auto& one : written) {
    auto name = pep::Name::parse(one);
    if (!name) return in(key, std::move(name).error());
    out.push_back(std::move(name).value());
  }
  return ok_status();
}

Result<const toml::Array*> Fields::list(std::string_view key) const {
  const auto* value = table_.get(key);
  if (value != nullptr && value->as_array() == nullptr) return wrong_type(key, "an array");
  return value != nullptr ? value->as_array() : nullptr;
}

Result<const toml::Value*> Fields::table(std::string_view key) const {
  const auto* value = table_.get(key);
  if (value != nullptr && value->as_table() == nullptr) return wrong_type(key, "a table");
  return value;
}

Result<const toml::Array*> Fields::tables(std::string_view key) const {
  PKG_TRY_ASSIGN(const auto* items, list(key));
  if (items == nullptr) return items;
  for (const auto& item : *items) {
    if (item.as_table() == nullptr) return wrong(key, cat("holds ", item.type_name(), ", expected tables"));
  }
  return items;
}

}  // namespace pkg::lock
