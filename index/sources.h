#pragma once
// From a project's name to its files: find-links, then the indexes in their order, the cache in front of each.
//
// A lookup is one name on its way through the sources. What fresh cached pages can answer is answered on the caller's
// thread; where one has to be asked, the lookup goes on when the answer comes. Only 404 and 410, and what an index's
// settings say besides, mean that it does not have a project: everything else that is no page is an Error, and no later
// index is asked in its place. That a project is nowhere is not answered from the cache: it is asked for once more.

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

class RemoteCache;

// Threads: any. One lookup per name (and index); its answer, an Error too, is kept for the life of the object.
// Errors: network (any refusal but 404 and 410) · bad_data (a page) · not_found (offline and not in the cache; a
// project that no index has is an answer) · io · interrupted.
class Sources {
 public:
  // `remote`: asked before the index for pages that the cache does not have; may be null.
  Sources(const Settings& settings, Client& client, PageCache cache, Reporter& reporter, RemoteCache* remote = nullptr);
  ~Sources();  // precondition: the client was stopped

  // `from`: the only index that counts; empty: as the settings have it.
  void want(std::span<const pep::Name> names, const std::string& from = {});  // returns at once
  Result<std::shared_ptr<const Project>> get(const pep::Name& project, const std::string& from = {});  // waits
  // Whether the answer is there. If not it was asked for, and `done` is called once it is, on another thread.
  bool begin(const pep::Name& project, Priority priority, std::function<void()> done, const std::string& from = {});
  // Pages that the cache holds as fresh do not answer from now on before their index has confirmed them: those of these
  // projects, or all. What was answered from such pages is asked again. Nothing happens offline.
  void confirm(std::span<const pep::Name> names);
  void confirm_all();
  // Whether the answer for one of them rests on a page that nobody confirmed.
  bool rests_on_cache(std::span<const pep::Name> names) const;

 private:
  struct State;
  std::unique_ptr<TaskPool> workers_;  // outlives the state that its tasks hold
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
