#include "index/sources.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "index/by_project.h"
#include "index/cache/packed_format.h"
#include "index/cache/page_builder.h"
#include "index/http/content_coding.h"
#include "index/http/freshness.h"
#include "index/http/retry.h"
#include "index/remote/remote_cache.h"

namespace pkg::index {
namespace {

constexpr std::size_t kMaxKeptBuffer = 2u << 20;  // larger pages are few

struct Source {
  std::string url;    // with final '/', without credentials
  std::string label;  // for messages and DistFile::index
  std::size_t number = 0;
  bool is_local = false;
  bool is_explicit = false;
  IndexRules rules;
  SecretUrl given;
};

using Page = std::shared_ptr<const PackedPage>;

std::vector<Source> sources_of(const Settings& settings) {
  std::vector<Source> sources;
  if (settings.no_index) return sources;
  for (const auto& index : settings.indexes) {
    const bool is_local = index.url.with_credentials().starts_with("file:");
    sources.push_back(
        {root_of(index), label_of(index), sources.size(), is_local, index.is_explicit, index.rules, index.url});
  }
  return sources;
}

// The sources a project is looked for in, in their order.
std::vector<const Source*> route_of(const std::vector<Source>& sources, const std::string* index) {
  std::vector<const Source*> route;
  for (const auto& source : sources) {
    if (index != nullptr ? source.label == *index : !source.is_explicit) route.push_back(&source);
  }
  return route;
}

bool carries_credentials(std::string_view address) {
  const auto at = address.find('@');
  const auto start = address.find("://");
  if (at != std::string_view::npos && start < at && at < address.find_first_of("/?#", start + 3)) return true;
  return address.find('?') != std::string_view::npos && url::redact(address) != address;  // a token in the query
}

// By their addresses, in that order. A project may call an index of its own as it likes.
std::vector<const Source*> route_of(const std::vector<Source>& sources, const TorchIndexes& torch) {
  std::vector<const Source*> route;
  for (const auto& root : torch.indexes) {
    const auto source = std::ranges::find(sources, root, &Source::url);
    if (source != sources.end()) route.push_back(&*source);
  }
  return route;
}

// Why a project that no source has is not there: what follows its name.
std::string absence(const std::vector<const Source*>& sources, bool find_links, bool offline_miss) {
  if (offline_miss) return "is not in the cache, and the indexes are not asked with --offline";
  std::string where;
  for (const auto* source : sources) append(where, where.empty() ? "" : ", ", quote(source->label));
  if (sources.empty())
    return find_links ? "is not among the find-links, and no index is asked"
                      : "cannot be looked for: there is no index";
  return cat(sources.size() == 1 ? "is not in the index " : "is in none of the indexes ", where,
             find_links ? ", nor among the find-links" : "");
}

struct Lookup {
  Lookup(pep::Name wanted, std::vector<const Source*> where, bool with_find_links, Strategy how)
      : name(std::move(wanted)), route(std::move(where)), asks_find_links(with_find_links), strategy(how) {}
  const pep::Name name;
  const std::vector<const Source*> route;
  const bool asks_find_links;
  const Strategy strategy;
  // Touched by one thread at a time: the one that carries the lookup on.
  std::size_t next = 0;  // in route
  std::vector<Page> pages;
  bool offline_miss = false;
  bool was_read_twice = false;      // a page that may have been cut
  bool has_cached_absence = false;  // some index does not have it, as the cache says …
  bool doubts_absence = false;      // … which does not count any more
  std::atomic<bool> rests_on_cache = false;
  Priority priority = Priority::speculative;
  // Guarded by the mutex of all lookups.
  std::optional<Result<std::shared_ptr<const Project>>> answer;
  std::vector<std::function<void()>> waiting;
};
using LookupPtr = std::shared_ptr<Lookup>;

}  // namespace

struct Sources::State : std::enable_shared_from_this<Sources::State> {
  State(const Settings& s, Client& c, PageCache pages, Reporter& r, TaskPool& pool, RemoteCache* distant)
      : settings(s),
        sources(sources_of(s)),
        client(c),
        cache(std::move(pages)),
        reporter(r),
        find_links(s.find_links, kFindLinks, c, r),
        workers(pool),
        remote(distant) {
    for (const auto& source : sources)
      flat.push_back(source.rules.is_flat
                         ? std::make_unique<FindLinks>(std::vector{source.given}, source.label, client, reporter)
                         : nullptr);
  }

  // In the page cache. Who we are to an index is found out when a page is first looked for.
  const std::string& key_of(const Source& source) {
    std::call_once(keys_made, [this] {
      for (const auto& one : sources)
        keys.push_back(one.is_local || one.rules.is_flat ? std::string()
                                                         : PageCache::index_key(one.url, client.access(one.url)));
    });
    return keys[source.number];
  }

  // The lookup, and whether the caller has to begin it.
  std::pair<LookupPtr, bool> lookup(const pep::Name& name, const std::string& from) {
    const std::lock_guard lock(mutex);
    auto& known = lookups.slot(name, settings.no_index ? std::string_view() : from);
    const bool is_new = !known;
    if (is_new) known = make_lookup(name, from);
    return {known, is_new};
  }

  LookupPtr make_lookup(const pep::Name& name, const std::string& from) const {
    if (!settings.no_index) {
      const auto bound = [&](const std::string& index) {
        return std::make_shared<Lookup>(name, route_of(sources, &index), false, settings.strategy);
      };
      if (!from.empty()) return bound(from);
      if (const auto index = settings.index_of.find(name); index != settings.index_of.end())
        return bound(index->second);
      if (settings.torch.projects.contains(name))
        return std::make_shared<Lookup>(name, route_of(sources, settings.torch), false, Strategy::unsafe_best_match);
    }
    return std::make_shared<Lookup>(name, route_of(sources, nullptr), !find_links.empty(), settings.strategy);
  }

  void begin(const LookupPtr& lookup) {
    if (!pep::is_valid_name(lookup->name.str()))
      return settle(lookup, make_error(ErrorKind::bad_data, cat(quote(lookup->name.str()), " is not a project name")));
    if (!lookup->asks_find_links) return advance(lookup);
    if (!find_links.needs_network()) return take_find_links(lookup);
    workers.submit([self = shared_from_this(), lookup] { self->take_find_links(lookup); }, failing(lookup));
  }

  void take_find_links(const LookupPtr& lookup) {
    auto page = find_links.page(lookup->name);
    if (!page) return settle(lookup, std::move(page).error());
    if (*page) lookup->pages.push_back(*std::move(page));
    advance(lookup);
  }

  // Goes on with the next source, until one has to be waited for.
  void advance(const LookupPtr& lookup) {
    while (lookup->next < lookup->route.size()) {
      const auto& source = *lookup->route[lookup->next];
      auto* links = flat[source.number].get();
      if (links != nullptr && links->needs_network())
        return workers.submit([self = shared_from_this(), lookup, links] { self->take_flat(lookup, *links); },
                              failing(lookup));
      if (links != nullptr || source.is_local) {
        auto page = links != nullptr ? links->page(lookup->name) : local_page(source, lookup->name);
        if (!page) return settle(lookup, std::move(page).error());
        if (take(lookup, *std::move(page))) return;
        continue;
      }
      auto cached = cache.load(key_of(source), lookup->name);
      // Its files carry the name the index had then: a lock must not depend on what the cache holds.
      if (cached && !settings.offline && cached->facts().index != source.label) cached = nullptr;
      if (settings.offline && !cached) {
        lookup->offline_miss = true;
        ++lookup->next;
      } else if (cached && is_fresh(*cached, *lookup)) {
        lookup->rests_on_cache = lookup->rests_on_cache || !settings.offline;
        lookup->has_cached_absence = lookup->has_cached_absence || !cached->facts().found;
        if (reporter.wants_details())
          tell(*lookup, source, cat("a kept page, ", settings.now - cached->facts().fetched_at, " s old"));
        if (take(lookup, std::move(cached))) return;
      } else if (!cached && is_shared(source) && !is_refreshed(lookup->name)) {
        return ask_remote(lookup, source);
      } else {
        return ask(lookup, source, std::move(cached));
      }
    }
    finish(lookup);
  }

  void tell(const Lookup& lookup, const Source& source, std::string_view what) {
    reporter.detail(cat(quote(lookup.name.str()), " in ", quote(source.label), ": ", what));
  }

  void take_flat(const LookupPtr& lookup, FindLinks& links) {
    auto page = links.page(lookup->name);
    if (!page) return settle(lookup, std::move(page).error());
    if (!take(lookup, *std::move(page))) advance(lookup);
  }

  // Whether the lookup is settled with it.
  bool take(const LookupPtr& lookup, Page page) {
    ++lookup->next;
    if (!page || !page->facts().found) return false;
    lookup->pages.push_back(std::move(page));
    if (lookup->strategy == Strategy::unsafe_best_match) return false;
    finish(lookup);
    return true;
  }

  void finish(const LookupPtr& lookup) {
    // An index that is mended, or has the project now, is to be seen by the next command.
    if (lookup->pages.empty() && lookup->has_cached_absence && !settings.offline && !lookup->doubts_absence) {
      lookup->doubts_absence = true;
      lookup->rests_on_cache = false;
      lookup->next = 0;
      return advance(lookup);
    }
    auto reason =
        lookup->pages.empty() ? absence(lookup->route, lookup->asks_find_links, lookup->offline_miss) : std::string();
    settle(lookup,
           std::shared_ptr<const Project>(std::make_shared<Project>(std::move(lookup->pages), std::move(reason))));
  }

  // For a task that throws, perhaps after it has settled.
  std::function<void(Error)> failing(const LookupPtr& lookup) {
    return [self = shared_from_this(), lookup](Error error) {
      self->settle(lookup, about(std::move(error), lookup->name));
    };
  }

  void settle(const LookupPtr& lookup, Result<std::shared_ptr<const Project>> answer) {
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard lock(mutex);
      if (lookup->answer) return;
      lookup->answer.emplace(std::move(answer));
      waiting.swap(lookup->waiting);
    }
    settled.notify_all();
    for (const auto& done : waiting) done();
  }

  bool is_refreshed(const pep::Name& name) const {
    if (settings.refresh == RefreshMode::all || confirms_all) return true;
    if (settings.refresh == RefreshMode::listed && settings.refresh_names.contains(name)) return true;
    if (!confirms_some) return false;
    const std::lock_guard lock(mutex);
    return to_confirm.contains(name);
  }

  bool is_fresh(const PackedPage& page, const Lookup& lookup) const {
    if (settings.offline) return true;
    if (is_refreshed(lookup.name) || (lookup.doubts_absence && !page.facts().found)) return false;
    const auto age = settings.now - page.facts().fetched_at;
    return age >= 0 && age < page.facts().max_age_s;
  }

  // Pages behind a login are nobody else's.
  bool is_shared(const Source& source) { return remote != nullptr && !client.has_login(source.url); }

  EntryName name_of_page(const Source& source, const pep::Name& project) {
    return {EntryKind::page, cat(packed_format::kMagic, '\0', source.url, '\0', source.label, '\0',
                                 client.access(source.url), '\0', project.str())};
  }

  // What the remote cache has goes on as if the cache had had it: as it is while it is fresh, else to be confirmed.
  void ask_remote(const LookupPtr& lookup, const Source& source) {
    remote->entry(name_of_page(source, lookup->name), limits::kCached,
                  [self = shared_from_this(), lookup, &source](std::optional<SignedEntry> entry) {
                    if (!entry) return self->ask(lookup, source, nullptr);
                    self->workers.submit(
                        [self, lookup, &source, bytes = std::move(entry->payload)]() mutable {
                          self->took_remote(lookup, source, std::move(bytes));
                        },
                        self->failing(lookup));
                  });
  }

  void took_remote(const LookupPtr& lookup, const Source& source, std::string bytes) {
    if (closing) return settle(lookup, make_error(ErrorKind::interrupted, "interrupted"));
    auto page = PackedPage::from_bytes(lookup->name, std::move(bytes));
    const bool is_usable =
        page && page->facts().found && page->facts().index == source.label && page->facts().fetched_at <= settings.now;
    if (!is_usable) return ask(lookup, source, nullptr);
    const auto kept = page;
    if (!is_fresh(*page, *lookup)) {
      cache.store(key_of(source), lookup->name, *kept);  // where a confirmation is written
      return ask(lookup, source, std::move(page));
    }
    (void)page->releases();
    if (reporter.wants_details())
      tell(*lookup, source, cat("a page of the remote cache, ", settings.now - page->facts().fetched_at, " s old"));
    lookup->rests_on_cache = true;
    if (!take(lookup, std::move(page))) advance(lookup);
    cache.store(key_of(source), lookup->name, *kept);
  }

  void offer_page(const Source& source, const pep::Name& name, const PackedPage& page) {
    if (is_shared(source) && remote->takes_entries() && page.facts().found && page.facts().max_age_s > 0)
      remote->offer(name_of_page(source, name), std::string(page.bytes()));
  }

  // The same page with its new freshness.
  void offer_confirmed(const Source& source, const pep::Name& name) {
    if (!is_shared(source) || !remote->takes_entries()) return;
    auto bytes = cache.bytes(key_of(source), name);
    if (!bytes.empty()) remote->offer(name_of_page(source, name), std::move(bytes));
  }

  void ask(const LookupPtr& lookup, const Source& source, Page cached) {
    Request request;
    request.url = cat(source.url, lookup->name.str(), "/");
    request.headers = {{"Accept", std::string(kAcceptPages)}};
    request.final_statuses = source.rules.ignored_statuses;
    if (is_refreshed(lookup->name) || lookup->doubts_absence) request.headers.push_back({"Cache-Control", "max-age=0"});
    if (cached && !cached->facts().etag.empty()) request.headers.push_back({"If-None-Match", cached->facts().etag});
    if (cached && !cached->facts().last_modified.empty())
      request.headers.push_back({"If-Modified-Since", cached->facts().last_modified});
    request.decode_body = true;
    request.body_limit_bytes = limits::kPage;
    request.priority = lookup->priority;
    client.start(std::move(request), [self = shared_from_this(), lookup, &source,
                                      cached = std::move(cached)](Result<Response> response) mutable {
      if (!response) return self->settle(lookup, about(std::move(response).error(), lookup->name));
      // Reading a page takes milliseconds: not on the client's thread.
      self->workers.submit(
          [self, lookup, &source, cached = std::move(cached), answer = std::move(response).value()]() mutable {
            if (self->closing) return self->settle(lookup, make_error(ErrorKind::interrupted, "interrupted"));
            const bool may_be_torn = is_unmeasured(answer) && !std::exchange(lookup->was_read_twice, true);
            auto page = self->page_from(*lookup, source, cached, std::move(answer));
            if (!page && may_be_torn) return self->ask(lookup, source, std::move(cached));
            if (!page) return self->settle(lookup, about(std::move(page).error(), lookup->name));
            const auto kept = page->store ? page->page : nullptr;
            const bool is_confirmed = cached && page->page == cached;
            if (kept) self->offer_page(source, lookup->name, *kept);
            if (!self->take(lookup, std::move(page->page))) self->advance(lookup);
            if (kept) self->cache.store(self->key_of(source), lookup->name, *kept);  // nobody waits for it
            if (is_confirmed) self->offer_confirmed(source, lookup->name);
          },
          self->failing(lookup));
    });
  }

  // Nobody said where it ends: what cannot be read may have been cut.
  static bool is_unmeasured(const Response& response) {
    return response.status == 200 && response.header("content-length") == nullptr &&
           response.header("transfer-encoding") == nullptr;
  }

  static Error about(Error error, const pep::Name& name) {
    return std::move(error).with(cat("while looking for the files of ", quote(name.str())));
  }

  struct Answer {
    Page page;
    bool store = false;
  };
  Result<Answer> page_from(const Lookup& lookup, const Source& source, Page cached, Response response) {
    if (reporter.wants_details()) tell(lookup, source, cat("the server answered with status ", response.status));
    auto freshness = freshness_of(response, settings.default_freshness_s, settings.now, source.rules.cache_control);
    if (response.status == 304 && cached) {
      (void)cache.confirm(key_of(source), lookup.name, settings.now, freshness.max_age_s);
      return Answer{std::move(cached), false};
    }
    PageFacts facts;
    facts.fetched_at = settings.now;
    facts.max_age_s = freshness.max_age_s;
    facts.etag = freshness.etag;
    facts.last_modified = freshness.last_modified;
    facts.url = response.url.substr(0, response.url.find('?'));  // there may be a token behind it
    facts.index = source.label;
    PageBuilder builder(lookup.name);
    bool has_secrets = false;
    if (response.status == 404 || response.status == 410 || source.rules.ignored_statuses.contains(response.status)) {
      facts.found = false;
      freshness.may_store = freshness.may_store && !is_transient(response.status);
    } else if (response.status == 200) {
      facts.body_digest = hash::sha256(response.body);
      if (cached && is_same(cached->facts(), facts)) {
        (void)cache.confirm(key_of(source), lookup.name, settings.now, freshness.max_age_s);
        return Answer{std::move(cached), false};
      }
      PKG_TRY(read(lookup.name, builder, facts, has_secrets, source, std::move(response)));
    } else {
      return status_error(response);
    }
    auto page = PackedPage::from_bytes(lookup.name, builder.finish(std::move(facts)));
    if (!page) return make_error(ErrorKind::internal, "a page that was just written cannot be read");
    (void)page->releases();  // read here, not by the one who waits for it
    return Answer{std::move(page), freshness.may_store && !has_secrets};
  }

  // Servers without validators send the same bytes again and again: they need not be read again.
  static bool is_same(const PageFacts& cached, const PageFacts& answer) {
    return cached.found && cached.body_digest == answer.body_digest && cached.url == answer.url &&
           cached.index == answer.index && cached.etag == answer.etag && cached.last_modified == answer.last_modified;
  }

  // `has_secrets`: links carry credentials; such a page is not kept on disk.
  Status read(const pep::Name& project, PageBuilder& builder, PageFacts& facts, bool& has_secrets, const Source& source,
              Response response) {
    const auto* type = response.header("content-type");
    const auto where = [&] {
      return cat("while reading ", quote(url::redact(response.url)), ", sent ",
                 type != nullptr && !type->empty() ? cat("as ", quote(*type)) : std::string("without a type"));
    };
    BorrowedBuffer buffer(*this);
    PKG_TRY_ASSIGN(const auto text, decoded_body(response, limits::kPage, buffer.get()).with(where));
    if (text.data() != response.body.data()) std::string().swap(response.body);
    PKG_TRY_ASSIGN(const auto format,
                   page_format(type != nullptr ? *type : std::string(), {text.data(), text.size()}).with(where));
    const auto head = parse_server_page(format, text, response.url, &project, [&](const Link& link) {
      has_secrets = has_secrets || carries_credentials(link.url);
      builder.add(link);
    });
    if (!head) return Error(head.error()).with(where());
    if (builder.oversized() > 0)
      reporter.warning(cat("the index ", quote(source.label), " lists ", builder.oversized(), " files of ",
                           quote(project.str()), " whose names are too long: pkg skips them"));
    if (head->is_newer_minor)
      reporter.warning(cat("the index ", quote(source.label), " speaks version ", head->api_version,
                           " of the simple API, which is newer than this program"));
    facts.status = head->status;
    facts.status_reason = head->status_reason;
    return ok_status();
  }

  // Where pages are decoded to: used again, because fresh memory is paid for by the page. As many as there are workers.
  class BorrowedBuffer {
   public:
    explicit BorrowedBuffer(State& state) : state_(state) {
      const std::lock_guard lock(state.mutex);
      if (state.buffers.empty()) return;
      buffer_ = std::move(state.buffers.back());
      state.buffers.pop_back();
    }
    BorrowedBuffer(const BorrowedBuffer&) = delete;
    BorrowedBuffer& operator=(const BorrowedBuffer&) = delete;
    ~BorrowedBuffer() {
      if (buffer_.capacity() > kMaxKeptBuffer) return;
      const std::lock_guard lock(state_.mutex);
      state_.buffers.push_back(std::move(buffer_));
    }
    ScratchBuffer& get() { return buffer_; }

   private:
    State& state_;
    ScratchBuffer buffer_;
  };

  // "file:" indexes: <root>/<project>/ with an index.html, or with the files. nullptr: no such folder.
  Result<Page> local_page(const Source& source, const pep::Name& name) {
    PKG_TRY_ASSIGN(const auto root, url::file_url_to_path(source.url));
    const auto folder = fs::Path(root) / name.str();
    if (!fs::is_directory(folder)) return Page();
    PageBuilder builder(name);
    PageFacts facts;
    facts.index = source.label;
    const auto keep = [&](const Link& link) { builder.add(link); };
    if (const auto html = folder / "index.html"; fs::exists(html)) {
      PKG_TRY_ASSIGN(auto text, fs::read_file_at_most(html, limits::kPage));
      PKG_TRY(parse_page(PageFormat::html, text, cat(url::path_to_file_url(folder.native()), "/"), keep));
    } else {
      PKG_TRY_ASSIGN(const auto links, links_of_folder(folder));
      for (const auto& link : links) keep(link);
    }
    return PackedPage::from_bytes(name, builder.finish(std::move(facts)));
  }

  const Settings& settings;
  const std::vector<Source> sources;
  Client& client;
  const PageCache cache;
  std::once_flag keys_made;
  std::vector<std::string> keys;
  Reporter& reporter;
  FindLinks find_links;
  std::vector<std::unique_ptr<FindLinks>> flat;  // by number of the source; null: it is not flat
  std::atomic<bool> confirms_all = false, confirms_some = false;
  mutable std::mutex mutex;
  std::condition_variable settled;
  ByProject<LookupPtr> lookups;
  std::unordered_set<pep::Name> to_confirm;
  std::vector<ScratchBuffer> buffers;  // not in use
  TaskPool& workers;
  RemoteCache* const remote;          // null: there is none
  std::atomic<bool> closing = false;  // pages that wait to be read are not read any more
};

Sources::Sources(const Settings& settings, Client& client, PageCache cache, Reporter& reporter, RemoteCache* remote)
    : workers_(std::make_unique<TaskPool>(0)),
      state_(std::make_shared<State>(settings, client, std::move(cache), reporter, *workers_, remote)) {}

Sources::~Sources() { state_->closing = true; }

void Sources::want(std::span<const pep::Name> names, const std::string& from) {
  for (const auto& name : names) {
    const auto [lookup, is_new] = state_->lookup(name, from);
    if (is_new) state_->begin(lookup);
  }
}

bool Sources::begin(const pep::Name& project, Priority priority, std::function<void()> done, const std::string& from) {
  const auto [lookup, is_new] = state_->lookup(project, from);
  if (is_new) {
    lookup->priority = priority;
    state_->begin(lookup);
  }
  const std::lock_guard lock(state_->mutex);
  if (lookup->answer) return true;
  lookup->waiting.push_back(std::move(done));
  return false;
}

void Sources::confirm(std::span<const pep::Name> names) {
  if (state_->settings.offline || names.empty()) return;
  const std::lock_guard lock(state_->mutex);
  state_->confirms_some = true;
  state_->to_confirm.insert(names.begin(), names.end());
  state_->lookups.erase_if([&](const pep::Name& name, const LookupPtr& known) {
    return state_->to_confirm.contains(name) && known->rests_on_cache;
  });
}

void Sources::confirm_all() {
  if (state_->settings.offline) return;
  const std::lock_guard lock(state_->mutex);
  state_->confirms_all = true;
  state_->lookups.erase_if([](const pep::Name&, const LookupPtr& known) { return known->rests_on_cache.load(); });
}

bool Sources::rests_on_cache(std::span<const pep::Name> names) const {
  const std::lock_guard lock(state_->mutex);
  bool rests = false;
  state_->lookups.each([&](const pep::Name& name, const LookupPtr& known) {
    rests = rests || (known->rests_on_cache && std::ranges::find(names, name) != names.end());
  });
  return rests;
}

Result<std::shared_ptr<const Project>> Sources::get(const pep::Name& project, const std::string& from) {
  const auto [lookup, is_new] = state_->lookup(project, from);
  if (is_new) {
    lookup->priority = Priority::waited_for;
    state_->begin(lookup);
  }
  std::unique_lock lock(state_->mutex);
  state_->settled.wait(lock, [wanted = lookup] { return wanted->answer.has_value(); });
  return *lookup->answer;
}

}  // namespace pkg::index
