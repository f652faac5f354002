#pragma once
// The array of pointers that exec and spawn want.

#include <string>
#include <vector>

namespace pkg::process {

// Ended by a null pointer; valid as long as `texts` and its strings are left alone.
inline std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace pkg::process
