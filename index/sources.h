#pragma once
// From a project's name to its files: find-links, then the indexes in their order, the cache in front of each.
//
// A lookup is one name on its way through the sources. What fresh cached pages can answer is answered on the caller's
// thread; where one has to be asked, the lookup goes on when the answer comes. Only 404 and 410 mean that an index does
// not have a project: everything else that is no page is an Error, and no later index is asked in its place.

#include <functional>
#include <memory>
#include <span>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/cache/page_cache.h"
#include "index/find_links.h"
#include "index/http/client.h"
#include "index/index.h"
#include "index/settings.h"
#include "pep/name.h"

namespace pkg::index {

// Threads: any. One lookup per name; its answer, an Error too, is kept for the life of the object.
// Errors: network (any refusal but 404 and 410) · bad_data (a page) · not_found (offline and not in the cache; a
// project that no index has is an answer) · io · interrupted.
class Sources {
 public:
  Sources(const Settings& settings, Client& client, PageCache cache, Reporter& reporter);
  ~Sources();  // precondition: the client was stopped

  void want(std::span<const pep::Name> names);                           // returns at once
  Result<std::shared_ptr<const Project>> get(const pep::Name& project);  // waits
  // Whether the answer is there. If not it was asked for, and `done` is called once it is, on another thread.
  bool begin(const pep::Name& project, Priority priority, std::function<void()> done);

 private:
  struct State;
  std::unique_ptr<TaskPool> workers_;  // outlives the state that its tasks hold
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
