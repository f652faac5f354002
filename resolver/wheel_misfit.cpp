#include "resolver/wheel_misfit.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "resolver/range_text.h"
#include "resolver/wheel_tags.h"

namespace pkg::resolver {
namespace {

using Number = std::pair<int, int>;  // major, minor; minor -1: any

// "cp312" → "cp", 3.12; "py3" → "py", 3; nullopt: something else.
std::optional<std::pair<std::string, Number>> interpreter_of_tag(std::string_view tag) {
  const auto digits = std::ranges::find_if(tag, is_ascii_digit) - tag.begin();
  const auto implementation = tag.substr(0, static_cast<std::size_t>(digits));
  const auto number = tag.substr(static_cast<std::size_t>(digits));
  if (implementation.empty() || number.empty() || !std::ranges::all_of(number, is_ascii_digit)) return std::nullopt;
  const auto minor = parse_u64(number.substr(1));
  return std::pair(std::string(implementation), Number(number.front() - '0', minor ? static_cast<int>(*minor) : -1));
}

std::string_view implementation_name(std::string_view tag) {
  return tag == "cp" ? "CPython" : tag == "pp" ? "PyPy" : tag == "py" ? "Python" : tag;
}

std::string number_text(const Number& number) {
  return number.second < 0 ? cat(number.first) : cat(number.first, '.', number.second);
}

// "3.7 to 3.10", "3.7 and 3.9".
std::string numbers_text(const std::set<Number>& numbers) {
  std::vector<std::string> texts;
  bool is_range = numbers.size() > 2;
  const Number* previous = nullptr;
  for (const auto& number : numbers) {
    is_range = is_range && (previous == nullptr || *previous == Number(number.first, number.second - 1));
    previous = &number;
    texts.push_back(number_text(number));
  }
  return is_range ? cat(texts.front(), " to ", texts.back()) : list_text(texts);
}

// The C library that "manylinux_2_39_x86_64" asks for, on that processor.
std::optional<std::pair<Number, std::string_view>> parse_glibc(std::string_view platform) {
  constexpr std::string_view kPrefix = "manylinux_";
  if (!platform.starts_with(kPrefix)) return std::nullopt;
  platform.remove_prefix(kPrefix.size());
  const auto first = platform.find('_'), second = platform.find('_', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  const auto major = parse_u64(platform.substr(0, first));
  const auto minor = parse_u64(platform.substr(first + 1, second - first - 1));
  if (!major || !minor) return std::nullopt;
  return std::pair(Number(static_cast<int>(*major), static_cast<int>(*minor)), platform.substr(second + 1));
}

// What the wheels' names say, sorted by what keeps them out.
class Misfits {
 public:
  explicit Misfits(const pep::TagSet* tags) : tags_(tags) {}

  void add(const WheelTags& wheel) {
    if (tags_ == nullptr || !fits_platform(wheel.platforms)) return add_platforms(wheel);
    if (takes_python(wheel)) {
      for (const auto abi : split(wheel.abis, '.')) abis_.emplace(abi);
      return;
    }
    const bool is_stable = wheel.abis.find("abi3") != std::string_view::npos;
    for (const auto tag : split(wheel.interpreters, '.')) {
      const auto parsed = interpreter_of_tag(tag);
      if (!parsed)
        others_.emplace(tag);
      else if (is_stable)
        at_least_ = at_least_ ? std::min(*at_least_, parsed->second) : parsed->second;
      else
        pythons_[parsed->first].insert(parsed->second);
    }
  }

  std::string text() const {
    if (!abis_.empty()) return cat("for another ABI only (", few_text(abis_), "; this is ", tags_->tag(0).abi, ")");
    if (!pythons_.empty() || at_least_ || !others_.empty())
      return cat("for other Pythons only (", pythons_text(), "; this is ", own_python(), ")");
    if (least_glibc_) {
      const auto own = own_glibc();
      return cat("for glibc ", number_text(*least_glibc_), " or newer only",
                 own ? cat(" (this is ", number_text(*own), ")") : std::string());
    }
    return platforms_.empty() ? std::string("for other platforms only")
                              : cat("for other platforms only (", few_text(platforms_), ")");
  }

 private:
  bool fits_platform(std::string_view platforms) const {
    return platforms == "any" || tags_->rank("py3", "none", platforms).has_value();
  }
  // Whether the interpreter is one that the target runs with some ABI: then it is the ABI that does not fit.
  bool takes_python(const WheelTags& wheel) const {
    return tags_->size() > 0 && std::ranges::any_of(split(wheel.interpreters, '.'), [&](std::string_view tag) {
             return equals_ignoring_case(tag, tags_->tag(0).interpreter);
           });
  }
  void add_platforms(const WheelTags& wheel) {
    if (wheel.platforms == "any") {
      for (const auto tag : split(wheel.interpreters, '.')) platforms_.emplace(tag);
      return;
    }
    const bool fits_otherwise = tags_ != nullptr && tags_->rank(wheel.interpreters, wheel.abis, tags_->tag(0).platform);
    for (const auto platform : split(wheel.platforms, '.')) {
      platforms_.emplace(platform);
      const auto glibc = parse_glibc(platform);
      if (!fits_otherwise || !glibc || !tags_->tag(0).platform.ends_with(glibc->second)) continue;
      least_glibc_ = least_glibc_ ? std::min(*least_glibc_, glibc->first) : glibc->first;
    }
  }
  std::string pythons_text() const {
    std::vector<std::string> texts;
    for (const auto& [implementation, numbers] : pythons_)
      texts.push_back(cat(implementation_name(implementation), ' ', numbers_text(numbers)));
    if (at_least_) texts.push_back(cat("CPython ", number_text(*at_least_), " or newer"));
    if (!others_.empty()) texts.push_back(few_text(others_));
    return join(texts, ", ");
  }
  std::string own_python() const {
    const auto tag = tags_->tag(0).interpreter;
    const auto parsed = interpreter_of_tag(tag);
    return parsed ? cat(implementation_name(parsed->first), ' ', number_text(parsed->second)) : tag;
  }
  std::optional<Number> own_glibc() const {
    std::optional<Number> newest;
    for (std::size_t rank = 0; rank < tags_->size(); ++rank) {
      const auto platform = tags_->tag(rank).platform;
      if (const auto glibc = parse_glibc(platform)) newest = newest ? std::max(*newest, glibc->first) : glibc->first;
    }
    return newest;
  }

  const pep::TagSet* tags_;
  std::set<std::string> abis_, others_, platforms_;
  std::map<std::string, std::set<Number>> pythons_;
  std::optional<Number> at_least_, least_glibc_;
};

}  // namespace

std::string wheel_misfit(std::span<const std::string_view> file_names, const pep::Target& target) {
  Misfits misfits(target.tags.get());
  for (const auto name : file_names)
    if (const auto tags = wheel_tags(name)) misfits.add(*tags);
  return misfits.text();
}

}  // namespace pkg::resolver
