#include "index/index_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "index/http/auth.h"

namespace pkg::index {
namespace {

constexpr std::int64_t kSomeDay = 4'000'000'000;  // to see whether a text is a cut-off at all

// Reads one entry; complaints begin with file and line.
class EntryReader {
 public:
  EntryReader(const std::string& file, const std::filesystem::path& folder) : file_(file), folder_(folder) {}

  Result<IndexEntry> read(const toml::Value& item) {
    const auto* table = item.as_table();
    if (table == nullptr) return wrong(item, cat("an index is ", item.type_name(), ", expected a table"));
    for (const auto& member : *table) PKG_TRY(take(member));
    if (entry_.location.url.empty()) return wrong(item, "an index needs a `url`");
    if (entry_.location.rules.is_flat || is_path(entry_.location.url.with_credentials())) make_url();
    return std::move(entry_);
  }

  Error wrong(const toml::Value& at, std::string message) const {
    return make_error(ErrorKind::bad_data, cat(file_, ":", at.line, ": ", message));
  }

 private:
  using Take = Status (EntryReader::*)(const toml::Value& value);
  struct Known {
    std::string_view key;
    Take take;
  };

  Status take(const toml::TableEntry& member) {
    constexpr std::array<Known, 10> kKnown = {{{"name", &EntryReader::take_name},
                                               {"url", &EntryReader::take_url},
                                               {"explicit", &EntryReader::take_explicit},
                                               {"default", &EntryReader::take_default},
                                               {"authenticate", &EntryReader::take_authenticate},
                                               {"ignore-error-codes", &EntryReader::take_ignored_statuses},
                                               {"cache-control", &EntryReader::take_cache_control},
                                               {"exclude-newer", &EntryReader::take_exclude_newer},
                                               {"format", &EntryReader::take_format},
                                               {"publish-url", &EntryReader::take_nothing}}};
    const auto found = std::ranges::find(kKnown, std::string_view(member.first), &Known::key);
    if (found != kKnown.end()) return (this->*found->take)(member.second);
    std::vector<std::string> keys;
    for (const auto& known : kKnown) keys.emplace_back(known.key);
    auto error = wrong(member.second, cat(quote(member.first), " is no setting of an index"));
    if (const auto close = nearest(member.first, keys)) error.hint = cat("did you mean ", quote(*close), "?");
    return error;
  }

  Error wrong_type(const toml::Value& value, std::string_view key, std::string_view expected) const {
    return wrong(value, cat(quote(key), " of an index is ", value.type_name(), ", expected ", expected));
  }
  Error wrong_word(const toml::Value& value, std::string_view key, std::string_view expected) const {
    return wrong(value, cat(quote(key), " of an index is ", quote(*value.as_string()), ", expected ", expected));
  }
  Status take_text(const toml::Value& value, std::string_view key, std::string& to) {
    if (value.as_string() == nullptr) return wrong_type(value, key, "a string");
    to = *value.as_string();
    return ok_status();
  }
  Status take_truth(const toml::Value& value, std::string_view key, bool& to) {
    if (value.as_bool() == nullptr) return wrong_type(value, key, "true or false");
    to = *value.as_bool();
    return ok_status();
  }

  Status take_name(const toml::Value& value) { return take_text(value, "name", entry_.location.name); }
  Status take_url(const toml::Value& value) {
    std::string text;
    PKG_TRY(take_text(value, "url", text));
    entry_.location.url = std::move(text);
    return ok_status();
  }
  Status take_explicit(const toml::Value& value) { return take_truth(value, "explicit", entry_.location.is_explicit); }
  Status take_default(const toml::Value& value) { return take_truth(value, "default", entry_.is_default); }
  // Where to upload to cannot change what is installed.
  Status take_nothing(const toml::Value&) { return ok_status(); }

  Status take_authenticate(const toml::Value& value) {
    std::string word;
    PKG_TRY(take_text(value, "authenticate", word));
    auto& to = entry_.location.rules.authenticate;
    if (word == "auto")
      to = Authenticate::automatic;
    else if (word == "always")
      to = Authenticate::always;
    else if (word == "never")
      to = Authenticate::never;
    else
      return wrong_word(value, "authenticate", "auto, always or never");
    return ok_status();
  }

  Status take_ignored_statuses(const toml::Value& value) {
    constexpr std::string_view kExpected = "an array of status codes from 400 to 599";
    if (value.as_array() == nullptr) return wrong_type(value, "ignore-error-codes", kExpected);
    for (const auto& item : *value.as_array()) {
      const auto* code = item.as_integer();
      if (code == nullptr || *code < 400 || *code > 599)
        return wrong(item, cat("`ignore-error-codes` of an index holds ",
                               code != nullptr ? std::to_string(*code) : std::string(item.type_name()), ", expected ",
                               kExpected));
      entry_.location.rules.ignored_statuses.insert(static_cast<int>(*code));
    }
    return ok_status();
  }

  Status take_cache_control(const toml::Value& value) {
    constexpr std::string_view kExpected = "a table as in { api = \"max-age=600\" }";
    if (value.as_table() == nullptr) return wrong_type(value, "cache-control", kExpected);
    for (const auto& [key, header] : *value.as_table()) {
      std::string text;
      PKG_TRY(take_text(header, cat("cache-control.", key), text));
      if (key == "api")
        entry_.location.rules.cache_control = std::move(text);
      else if (key != "files")  // files are kept by their hash, whatever anybody says
        return wrong(header, cat(quote(key), " is no setting of `cache-control`, expected ", kExpected));
    }
    return ok_status();
  }

  Status take_exclude_newer(const toml::Value& value) {
    auto& to = entry_.location.rules.exclude_newer;
    if (const auto* truth = value.as_bool(); truth != nullptr && !*truth) {
      to = "false";
      return ok_status();
    }
    if (const auto* date = std::get_if<toml::DateTime>(&value.data))
      to = date->text;
    else if (value.as_string() != nullptr)
      to = *value.as_string();
    else
      return wrong_type(value, "exclude-newer", "a date, a duration, or false");
    if (const auto parsed = time::parse_cutoff(to, kSomeDay); !parsed) return wrong(value, parsed.error().message);
    return ok_status();
  }

  Status take_format(const toml::Value& value) {
    std::string word;
    PKG_TRY(take_text(value, "format", word));
    if (word != "simple" && word != "flat") return wrong_word(value, "format", "simple or flat");
    entry_.location.rules.is_flat = word == "flat";
    return ok_status();
  }

  static bool is_path(std::string_view text) {
    return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") || text == "." || text == "..";
  }
  // A path becomes a "file:" URL: it means the same from every folder.
  void make_url() { entry_.location.url = index_address(entry_.location.url.with_credentials(), folder_); }

  const std::string& file_;
  const std::filesystem::path& folder_;
  IndexEntry entry_;
};

}  // namespace

std::string index_address(const std::string& text, const std::filesystem::path& folder) {
  if (text.empty() || url::is_url(text)) return text;
  std::error_code failed;
  const auto path = std::filesystem::absolute(folder / text, failed).lexically_normal();
  return failed ? text : url::path_to_file_url(path.native());
}

Result<std::vector<IndexEntry>> read_index_tables(const toml::Value& list, const std::string& file,
                                                  const std::filesystem::path& folder) {
  std::vector<IndexEntry> entries;
  std::vector<int> lines;
  if (list.as_array() == nullptr)
    return EntryReader(file, folder).wrong(list, cat("`index` is ", list.type_name(), ", expected an array of tables"));
  for (const auto& item : *list.as_array()) {
    EntryReader reader(file, folder);
    PKG_TRY_ASSIGN(auto entry, reader.read(item));
    const auto& name = entry.location.name;
    const auto same = std::ranges::find_if(entries, [&](const IndexEntry& one) {
      return !name.empty() && index_variable_prefix(one.location.name) == index_variable_prefix(name);
    });
    if (same != entries.end() && same->location.name == name)
      return reader.wrong(item, cat("the index ", quote(name), " is there twice, first in line ",
                                    lines[static_cast<std::size_t>(same - entries.begin())]));
    if (same != entries.end())
      return reader.wrong(item, cat("the indexes ", quote(same->location.name), " and ", quote(name),
                                    " would have the same variables, ", index_variable_prefix(name), "*"));
    entries.push_back(std::move(entry));
    lines.push_back(item.line);
  }
  return entries;
}

}  // namespace pkg::index
