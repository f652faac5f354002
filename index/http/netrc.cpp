#include "index/http/netrc.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_file.h"
#include "base/text.h"
#include "base/url.h"
#include "base/user_folders.h"

namespace pkg::index {
namespace {

// One line's words. A comment begins with '#' at a word's start, except where a value is due.
class Words {
 public:
  void read_line(std::string_view line, std::vector<std::string>& words) {
    std::size_t at = 0;
    while (true) {
      while (at < line.size() && is_ascii_space(line[at])) ++at;
      if (at == line.size()) return;
      const bool is_value = !words.empty() && words.back() == "password";
      if (line[at] == '#' && !is_value) return;
      words.push_back(line[at] == '"' ? quoted(line, at) : plain(line, at));
      if (words.back() == "macdef" && !is_value) return;
    }
  }

 private:
  static std::string quoted(std::string_view line, std::size_t& at) {
    std::string word;
    for (++at; at < line.size() && line[at] != '"'; ++at) {
      if (line[at] == '\\' && at + 1 < line.size()) ++at;
      word.push_back(line[at]);
    }
    if (at < line.size()) ++at;
    return word;
  }
  static std::string plain(std::string_view line, std::size_t& at) {
    std::string word;
    for (; at < line.size() && !is_ascii_space(line[at]); ++at) {
      if (line[at] == '\\' && at + 1 < line.size() && !is_ascii_space(line[at + 1])) ++at;
      word.push_back(line[at]);
    }
    return word;
  }
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool in_macro = false;
  Words reader;
  for (const auto line : split_lines(text)) {
    if (in_macro) {
      in_macro = !trim(line).empty();
      continue;
    }
    reader.read_line(line, words);
    if (words.empty() || words.back() != "macdef") continue;
    words.pop_back();
    in_macro = true;
  }
  return words;
}

// "host", "host:port", "[::1]:port", "https://host": a port or scheme makes it one origin's.
NetrcEntry of_machine(std::string machine) {
  const auto colon = machine.rfind(':');
  const bool has_scheme = machine.find("://") != std::string::npos;
  const bool has_port = colon != std::string::npos && parse_u64(machine.substr(colon + 1)) &&
                        (machine.find(':') == colon || machine.find("]:") + 1 == colon);
  if (!has_scheme && !has_port) return {std::move(machine), {}, {}, NetrcEntry::Scope::host};
  const auto url = url::Url::parse(has_scheme ? machine : cat("https://", machine));
  return {url ? url->origin() : machine, {}, {}, NetrcEntry::Scope::origin};
}

std::vector<fs::Path> netrc_places() {
  const auto environment = process_environment();
  if (const char* path = environment("NETRC"); path != nullptr && *path != '\0') return {path};
  const auto home = home_folder(environment);
  if (home.empty()) return {};
  return {home / ".netrc", home / "_netrc"};
}

}  // namespace

std::vector<NetrcEntry> parse_netrc(std::string_view text) {
  const auto words = words_of(text);
  std::vector<NetrcEntry> entries;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "default") {
      entries.push_back({{}, {}, {}, NetrcEntry::Scope::any_host});
    } else if (i + 1 < words.size()) {
      const auto& value = words[i + 1];
      if (words[i] == "machine")
        entries.push_back(of_machine(to_ascii_lower(value)));
      else if (entries.empty())
        continue;
      else if (words[i] == "login" || words[i] == "user")
        entries.back().login = value;
      else if (words[i] == "password")
        entries.back().password = value;
      else if (words[i] != "account")
        continue;
      ++i;
    }
  }
  return entries;
}

const NetrcEntry* find_entry(const std::vector<NetrcEntry>& entries, std::string_view user,
                             const std::function<bool(const NetrcEntry&)>& fits) {
  for (const bool is_default : {false, true}) {
    for (const auto& entry : entries) {
      if ((entry.scope == NetrcEntry::Scope::any_host) == is_default && (user.empty() || entry.login == user) &&
          fits(entry))
        return &entry;
    }
  }
  return nullptr;
}

std::vector<NetrcEntry> read_netrc(Reporter* reporter) {
  for (const auto& place : netrc_places()) {
    const auto file = fs::read_own_file(place, limits::kSettings, fs::FileLinks::follow);
    if (!file && file.error().kind == ErrorKind::not_found) continue;
    if (!file) {
      if (reporter != nullptr) reporter->warning(cat("passwords of netrc are not used: ", file.error().message));
      return {};
    }
    auto entries = parse_netrc(file->text);
    const bool has_password =
        std::ranges::any_of(entries, [](const NetrcEntry& entry) { return !entry.password.empty(); });
    if (file->is_open_to_readers && has_password && reporter != nullptr)
      reporter->note(
          cat("the passwords in ", quote(place.native()), " can be read by others: chmod 600 ", place.native()));
    return entries;
  }
  return {};
}

}  // namespace pkg::index
