#pragma once
// Folders of files and single pages of links as places to find any project's files (pip's --find-links).

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "index/cache/packed_page.h"
#include "index/http/client.h"
#include "index/simple/page.h"
#include "pep/name.h"

namespace pkg::index {

inline constexpr const char* kFindLinks = "find-links";  // the label of those that no index is made of

// The links to the files of a folder, sorted by name. io, not_found.
Result<std::vector<Link>> links_of_folder(const fs::Path& folder);

// Threads: any. Everything is read once, by the first page().
class FindLinks {
 public:
  // Paths, "file:" and "http(s):" URLs of folders and of HTML pages. `label`: DistFile::index of what is found there.
  FindLinks(std::vector<SecretUrl> locations, std::string label, Client& client, Reporter& reporter);
  bool empty() const { return locations_.empty(); }
  bool needs_network() const;
  // The files of `project`; nullptr: none. Blocks while a page is fetched: not on the client's thread.
  // A local place that is not
  // there is a warning. not_found: a page that is gone · network · bad_data: no page · io · interrupted.
  Result<std::shared_ptr<const PackedPage>> page(const pep::Name& project);

 private:
  struct Found {
    std::string
        sort_key;  // the file name, normalised as a project name would be: begins with the project's name and "-"
    Link link;
  };
  Status load();
  Status load_location(const SecretUrl& location);
  Status load_path(const fs::Path& path);
  Status load_web_page(const SecretUrl& url);
  std::string kind_of_place() const;  // for messages
  void keep(const Link& link);

  const std::vector<SecretUrl> locations_;
  const std::string label_;
  Client& client_;
  Reporter& reporter_;
  std::mutex mutex_;
  bool loaded_ = false;
  std::optional<Error> failure_;
  std::vector<Found> found_;
};

}  // namespace pkg::index
