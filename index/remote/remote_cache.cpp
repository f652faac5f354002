#include "index/remote/remote_cache.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "index/awaited.h"
#include "index/remote/entry_keys.h"
#include "index/remote/object_store.h"
#include "index/remote/patience.h"

namespace pkg::index {
namespace {

constexpr std::size_t kPutsAtATime = 4;
constexpr std::uint64_t kMostWaiting = std::uint64_t{1} << 30;  // bytes offered and not put yet
constexpr std::size_t kAskedBefore = 64u << 10;  // what is larger is put only where it is not there already
constexpr int kFailuresOfHas = 3;
constexpr int kFailedPuts = 3;  // in a row, then nothing is put any more
constexpr double kPollSeconds = 0.05;

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string content_key(std::string_view sha256_hex) { return cat("cas/", sha256_hex); }
std::string entry_key(const EntryName& name) { return cat("ac/", name.address()); }

// Something to be put.
struct Offer {
  std::string key, sha256_hex;
  std::string_view bytes;
  std::shared_ptr<const void> owner;
  bool replaces = false;  // what is there
};

}  // namespace

struct RemoteCache::State : std::enable_shared_from_this<RemoteCache::State> {
  State(const Settings& settings, Reporter& told, const CancelToken& token, std::unique_ptr<ObjectStore> opened,
        Clock time)
      : remote(settings.remote),
        now(settings.now),
        reporter(told),
        cancel(token),
        clock(std::move(time)),
        patience(settings.remote.patience_s),
        store(std::move(opened)) {}

  const EntryKeys& keys() {
    std::call_once(keys_read, [this] {
      auto loaded = load_entry_keys(remote.key_file, remote.trust);
      if (loaded)
        keys_loaded = std::move(loaded).value();
      else
        reporter.warning(cat(loaded.error().message, ": the remote cache ", quote(store->name()),
                             " is used without signed entries"));
    });
    return keys_loaded;
  }

  // One question, within the patience.
  void ask(const std::string& key, std::uint64_t limit_bytes, Sink sink, std::function<void(bool)> done) {
    const auto begun = clock();
    if (cancel.is_cancelled() || !patience.begin(begun)) return done(false);
    auto counted = [self = shared_from_this(), sink = std::move(sink)](std::string_view bytes) -> Status {
      if (!self->patience.took(bytes.size(), self->clock())) return make_error(ErrorKind::network, "it is too slow");
      return sink(bytes);
    };
    store->get(key, limit_bytes, std::move(counted),
               [self = shared_from_this(), key, done = std::move(done)](const ObjectAnswer& answer) {
                 done(self->took_answer(key, answer));
               });
  }

  bool took_answer(const std::string& key, const ObjectAnswer& answer) {
    using enum ObjectAnswer::Kind;
    const bool is_failure = answer.kind == failed || answer.kind == refused || answer.kind == stopped;
    const auto outcome = is_failure ? Patience::Outcome::failed : Patience::Outcome::answered;
    bool is_over = patience.end(outcome, clock());
    if (answer.kind == refused) {
      is_over = !patience.is_over() || is_over;
      patience.give_up();
    }
    {
      const std::lock_guard lock(mutex);
      if (answer.kind == there) ++counts.found;
      if (answer.kind == absent) ++counts.absent;
      if (is_failure) ++counts.failed;
      if (is_failure) last_trouble = answer.why;
      if (answer.kind == stopped && !patience.is_over()) spoilt.insert(key);
    }
    if (is_over && answer.kind != interrupted) tell_over(answer);
    return answer.kind == there;
  }

  void tell_over(const ObjectAnswer& answer) {
    const bool is_failure = answer.kind != ObjectAnswer::Kind::there && answer.kind != ObjectAnswer::Kind::absent;
    auto why = is_failure && !answer.why.empty() ? answer.why : std::string("it is too slow");
    if (answer.kind == ObjectAnswer::Kind::stopped)
      why = patience.lost_s() > remote.patience_s ? "it is too slow" : "it sent other bytes than were announced";
    if (why.ends_with("(AccessDenied)"))
      why += "; a store that does not let this user list its keys answers so for those that are not there, too";
    {
      const std::lock_guard lock(mutex);
      trouble = why;
    }
    reporter.warning(
        cat("the remote cache ", quote(store->name()), " is not used for the rest of this command: ", why));
  }

  void tell_distrust(const Error& why) {
    if (distrust_told.exchange(true)) return;
    reporter.warning(cat(why.message, ": it is ignored, and so are others like it (remote cache ", quote(store->name()),
                         ", `remote-cache-trust` names the keys)"));
  }

  // --- What is put.
  bool offer(Offer one) {
    if (patience.is_over()) return false;
    std::unique_lock lock(mutex);
    if (is_ending || puts_refused || waiting_bytes + one.bytes.size() > kMostWaiting) return false;
    if (!offered.insert(one.key).second) return true;
    one.replaces = one.replaces || spoilt.contains(one.key);
    waiting_bytes += one.bytes.size();
    queue.push_back(std::move(one));
    lock.unlock();
    start_puts();
    return true;
  }

  void start_puts() {
    std::unique_lock lock(mutex);
    while (!queue.empty() && under_way < kPutsAtATime && !is_stopped) {
      auto one = std::make_shared<const Offer>(std::move(queue.front()));
      queue.pop_front();
      ++under_way;
      lock.unlock();
      if (one->bytes.size() >= kAskedBefore && !one->replaces)
        store->head(one->key, [self = shared_from_this(), one](const ObjectAnswer& answer) {
          if (answer.kind == ObjectAnswer::Kind::absent) return self->put(one);
          self->ended_put(
              *one, answer.kind == ObjectAnswer::Kind::there ? ObjectAnswer{ObjectAnswer::Kind::kept, {}} : answer);
        });
      else
        put(one);
      lock.lock();
    }
  }

  void put(const std::shared_ptr<const Offer>& one) {
    ObjectRequest request;
    request.key = one->key;
    request.body = one->bytes;
    request.body_owner = one;
    request.body_sha256_hex = one->sha256_hex;
    request.only_if_absent = !one->replaces;
    store->put(std::move(request),
               [self = shared_from_this(), one](const ObjectAnswer& answer) { self->ended_put(*one, answer); });
  }

  void ended_put(const Offer& one, const ObjectAnswer& answer) {
    using enum ObjectAnswer::Kind;
    bool is_news = false;
    {
      const std::lock_guard lock(mutex);
      --under_way;
      waiting_bytes -= one.bytes.size();
      if (answer.kind == there) {
        ++counts.put;
        counts.put_bytes += one.bytes.size();
      }
      if (answer.kind == kept) ++counts.kept;
      const bool is_failure = answer.kind == failed || answer.kind == refused || answer.kind == absent;
      if (is_failure) ++counts.failed;
      failed_puts = is_failure ? failed_puts + 1 : 0;
      if (!puts_refused && (answer.kind == refused || failed_puts >= kFailedPuts)) {
        puts_refused = is_news = true;
        for (const auto& left : queue) waiting_bytes -= left.bytes.size();
        queue.clear();
      }
    }
    if (is_news)
      reporter.warning(cat("nothing more is put into the remote cache ", quote(store->name()), ": ",
                           answer.why.empty() ? std::string("it takes none") : answer.why));
    start_puts();
    const std::lock_guard lock(mutex);
    if (queue.empty() && under_way == 0) idle.notify_all();
  }

  void end(double wait_s) {
    std::size_t abandoned = 0;
    {
      std::unique_lock lock(mutex);
      is_ending = true;
      const auto until = clock() + wait_s;
      const auto goes_on = [&] { return clock() < until && !cancel.is_cancelled() && !patience.is_over(); };
      while (!(queue.empty() && under_way == 0) && goes_on())
        idle.wait_for(lock, std::chrono::duration<double>(kPollSeconds));
      if (!is_stopped) abandoned = queue.size() + under_way;
      is_stopped = true;
      queue.clear();
    }
    store->stop();
    if (abandoned != 0 && !cancel.is_cancelled())
      reporter.note(cat(abandoned, " files were not put into the remote cache ", quote(store->name()),
                        " before the command ended; `pkg cache push LOCK` does"));
  }

  const RemoteCacheSettings remote;
  const std::int64_t now;
  Reporter& reporter;
  const CancelToken& cancel;
  const Clock clock;
  Patience patience;
  std::once_flag keys_read;
  EntryKeys keys_loaded;
  std::atomic<int> unanswered = 0;  // questions of has(), in a row
  std::atomic<bool> distrust_told = false, spoilt_told = false;
  mutable std::mutex mutex;  // guards what follows
  std::condition_variable idle;
  std::deque<Offer> queue;
  std::set<std::string> offered, spoilt;  // by key
  std::size_t under_way = 0;
  std::uint64_t waiting_bytes = 0;
  int failed_puts = 0;
  bool is_ending = false, is_stopped = false, puts_refused = false;
  RemoteCounts counts;
  std::string trouble, last_trouble;
  const std::unique_ptr<ObjectStore> store;  // last: its callbacks use the others
};

RemoteCache::RemoteCache(std::shared_ptr<State> state) : state_(std::move(state)) {}
RemoteCache::~RemoteCache() { end(0); }

Result<std::shared_ptr<RemoteCache>> RemoteCache::open(const Settings& settings, Reporter& reporter,
                                                       const CancelToken& cancel, MakeTransport make_transport,
                                                       Clock clock) {
  if (settings.remote.url.empty() || settings.remote.mode == RemoteMode::off || settings.offline)
    return std::shared_ptr<RemoteCache>();
  PKG_TRY_ASSIGN(auto store, ObjectStore::open(settings, reporter, std::move(make_transport)));
  if (!clock) clock = steady_seconds;
  return std::shared_ptr<RemoteCache>(
      new RemoteCache(std::make_shared<State>(settings, reporter, cancel, std::move(store), std::move(clock))));
}

bool RemoteCache::answers() const { return !state_->patience.is_over(); }
bool RemoteCache::takes() const { return state_->remote.mode == RemoteMode::read_write; }
bool RemoteCache::takes_entries() const { return takes() && state_->keys().own.has_value(); }
bool RemoteCache::gives_entries() const { return answers() && !state_->keys().trusted.empty(); }

void RemoteCache::content(const std::string& sha256_hex, std::uint64_t limit_bytes, Sink sink,
                          std::function<void(bool)> done) {
  state_->ask(content_key(sha256_hex), limit_bytes, std::move(sink), std::move(done));
}

void RemoteCache::was_spoilt(const std::string& sha256_hex) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->spoilt.insert(content_key(sha256_hex));
  }
  if (state_->spoilt_told.exchange(true)) return;
  state_->reporter.warning(cat("the remote cache ", quote(state_->store->name()), " sent other bytes than those with ",
                               "sha256 ", sha256_hex, ": they are ignored"));
}

void RemoteCache::small_content(const std::string& sha256_hex, std::uint64_t limit_bytes,
                                std::function<void(std::optional<std::string>)> done) {
  const auto text = std::make_shared<std::string>();
  content(
      sha256_hex, limit_bytes,
      [text](std::string_view bytes) {
        text->append(bytes);
        return ok_status();
      },
      [this, text, sha256_hex, done = std::move(done)](bool is_there) {
        if (is_there && hash::to_hex(hash::sha256(*text)) == sha256_hex) return done(std::move(*text));
        if (is_there) was_spoilt(sha256_hex);
        done(std::nullopt);
      });
}

void RemoteCache::entry(const EntryName& name, std::uint64_t limit_bytes,
                        std::function<void(std::optional<SignedEntry>)> done) {
  if (!gives_entries()) return done(std::nullopt);
  struct Arriving {
    std::string bytes;
    std::optional<Error> fault;  // for which it was ended: a store may send anything, and as much as it likes
  };
  const auto arriving = std::make_shared<Arriving>();
  state_->ask(
      entry_key(name), limit_bytes,
      [arriving, name](std::string_view piece) {
        arriving->bytes.append(piece);
        auto checked = check_arriving(arriving->bytes, name);
        if (!checked) arriving->fault = checked.error();
        return checked;
      },
      [state = state_, name, arriving, done = std::move(done)](bool is_there) {
        if (arriving->fault) state->tell_distrust(*arriving->fault);
        if (!is_there) return done(std::nullopt);
        auto entry = read_entry(arriving->bytes, name, state->keys().trusted);
        if (entry) return done(std::move(entry).value());
        state->tell_distrust(entry.error());
        done(std::nullopt);
      });
}

bool RemoteCache::offer(const std::string& sha256_hex, std::string_view bytes, std::shared_ptr<const void> owner) {
  if (!takes()) return false;
  return state_->offer({content_key(sha256_hex), sha256_hex, bytes, std::move(owner), false});
}

void RemoteCache::offer(const EntryName& name, std::string payload) {
  if (!takes_entries()) return;
  auto bytes =
      std::make_shared<const std::string>(write_entry(name, {state_->now, std::move(payload)}, *state_->keys().own));
  if (bytes->empty()) return;
  const std::string_view view = *bytes;
  state_->offer({entry_key(name), hash::to_hex(hash::sha256(view)), view, std::move(bytes), true});
}

std::optional<bool> RemoteCache::has(const std::string& sha256_hex) {
  if (state_->unanswered >= kFailuresOfHas || state_->cancel.is_cancelled()) return std::nullopt;
  const Awaited<ObjectAnswer> answer;
  state_->store->head(content_key(sha256_hex), [answer](ObjectAnswer found) { answer.put(std::move(found)); });
  const auto found = answer.take();
  const bool is_answer = found.kind == ObjectAnswer::Kind::there || found.kind == ObjectAnswer::Kind::absent;
  state_->unanswered = is_answer ? 0 : state_->unanswered + 1;
  if (is_answer) return found.kind == ObjectAnswer::Kind::there;
  const std::lock_guard lock(state_->mutex);
  state_->trouble = found.why;
  return std::nullopt;
}

void RemoteCache::end(double wait_s) { state_->end(wait_s); }

RemoteCounts RemoteCache::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

const std::string& RemoteCache::name() const { return state_->store->name(); }

std::string RemoteCache::trouble() const {
  const std::lock_guard lock(state_->mutex);
  return state_->trouble.empty() && state_->puts_refused ? state_->last_trouble : state_->trouble;
}

}  // namespace pkg::index
