#include "index/http/netrc.h"

#include <algorithm>
#include <cstdlib>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

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

}  // namespace

std::vector<NetrcEntry> parse_netrc(std::string_view text) {
  const auto words = words_of(text);
  std::vector<NetrcEntry> entries;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "default") {
      entries.emplace_back();
    } else if (i + 1 < words.size()) {
      const auto& value = words[i + 1];
      if (words[i] == "machine")
        entries.push_back({to_ascii_lower(value), {}, {}});
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

const NetrcEntry* find_entry(const std::vector<NetrcEntry>& entries, std::string_view host, std::string_view user) {
  const auto fits = [&](const NetrcEntry& entry) { return user.empty() || entry.login == user; };
  for (const std::string_view machine : {host, std::string_view()}) {
    for (const auto& entry : entries)
      if (entry.machine == machine && fits(entry)) return &entry;
  }
  return nullptr;
}

std::vector<NetrcEntry> read_netrc() {
  std::vector<fs::Path> places;
  const char* home = std::getenv("HOME");
  if (const char* path = std::getenv("NETRC"); path != nullptr && *path != '\0')
    places.emplace_back(path);
  else if (home != nullptr && *home != '\0')
    places = {fs::Path(home) / ".netrc", fs::Path(home) / "_netrc"};
  for (const auto& place : places) {
    if (const auto text = fs::read_file_at_most(place, limits::kSettings)) return parse_netrc(*text);
  }
  return {};
}

}  // namespace pkg::index
