#pragma once
// Values for projects: as the indexes have one together, or as one index alone has it. Looking up copies nothing.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pep/name.h"

namespace pkg::index {

template <class Value>
class ByProject {
 public:
  // `index`: its name; empty: all of them together. nullptr: there is no value.
  const Value* find(const pep::Name& project, std::string_view index) const {
    const auto known = values_.find(project);
    if (known == values_.end()) return nullptr;
    for (const One& one : known->second)
      if (one.index == index) return &one.value;
    return nullptr;
  }
  // Made where there is none. The reference holds until the next value of that project.
  Value& slot(const pep::Name& project, std::string_view index) {
    auto& all = values_[project];
    for (One& one : all)
      if (one.index == index) return one.value;
    return all.emplace_back(One{std::string(index), Value()}).value;
  }
  // visit(project, value), in any order.
  template <class Visit>
  void each(const Visit& visit) const {
    for (const auto& [project, all] : values_)
      for (const One& one : all) visit(project, one.value);
  }
  // Those for which is_it(project, value).
  template <class IsIt>
  void erase_if(const IsIt& is_it) {
    for (auto& [project, all] : values_)
      std::erase_if(all, [&, &name = project](const One& one) { return is_it(name, one.value); });
  }
  void clear() { values_.clear(); }
  std::size_t projects() const { return values_.size(); }

 private:
  struct One {
    std::string index;
    Value value;
  };
  std::unordered_map<pep::Name, std::vector<One>> values_;
};

}  // namespace pkg::index
