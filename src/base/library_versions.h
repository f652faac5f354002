#pragma once
// Which libraries this layer uses, and which versions of them: for people who look for the cause of something.

#include <string>
#include <vector>

namespace pkg {

struct LibraryVersion {
  enum class Use { headers, linked, opened } use = Use::linked;  // opened: at run time, when it is needed
  std::string name;
  std::string built_with;
  std::string running;  // empty: an opened one that is not on this machine; of headers the same as built_with
};

// Opens those that are opened at run time.
std::vector<LibraryVersion> library_versions();

}  // namespace pkg
