#pragma once
// The remote cache as the index client sees it: contents by sha256, which prove themselves, and signed entries
// (signed_entry.h). It is asked where the cache folder has nothing and before an index is; it never fails a command and
// costs it a bounded time (patience.h). What a command fetched from an index is put there in the background.
//
//   cas/<sha256>     wheels, source archives, announced metadata
//   ac/<sha256>      signed entries, by the sha256 of what they are about
//
// docs/guides/fleet.md

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/events.h"
#include "base/result.h"
#include "base/tasks.h"
#include "index/http/transport.h"
#include "index/remote/signed_entry.h"
#include "index/settings.h"

namespace pkg::index {

// What became of questions and of what was put, for `pkg cache push` and `pull`.
struct RemoteCounts {
  std::uint64_t found = 0, absent = 0, put = 0, put_bytes = 0, kept = 0, failed = 0;
};

// Threads: any. Callbacks run once: on a thread of the transport, or before the call returns.
class RemoteCache {
 public:
  using Sink = std::function<Status(std::string_view)>;
  // Seconds of a steady clock; a fake of tests.
  using Clock = std::function<double()>;

  // Null: none is set, or it is off, or nothing may be sent. usage: the address is none.
  static Result<std::shared_ptr<RemoteCache>> open(const Settings& settings, Reporter& reporter,
                                                   const CancelToken& cancel, MakeTransport make_transport,
                                                   Clock clock = {});
  ~RemoteCache();

  // Whether a question would be sent: not after the patience is over. For those who would have to get ready for it.
  bool answers() const;
  bool takes() const;          // contents
  bool takes_entries() const;  // there is a key to sign with
  bool gives_entries() const;  // there is a key to check with

  // `sink` gets at most so many bytes, which are not compared with the hash yet. `done`: whether all of them came.
  void content(const std::string& sha256_hex, std::uint64_t limit_bytes, Sink sink, std::function<void(bool)> done);
  // They were others: said once, and what is offered next replaces them.
  void was_spoilt(const std::string& sha256_hex);
  // A small content, compared.
  void small_content(const std::string& sha256_hex, std::uint64_t limit_bytes,
                     std::function<void(std::optional<std::string>)> done);
  // nullopt too where nobody who is trusted signed it, which is said once.
  void entry(const EntryName& name, std::uint64_t limit_bytes, std::function<void(std::optional<SignedEntry>)> done);

  // To be put in the background; `owner` keeps the bytes. Whether it will be tried.
  bool offer(const std::string& sha256_hex, std::string_view bytes, std::shared_ptr<const void> owner);
  void offer(const EntryName& name, std::string payload);

  // Whether it is there; nullopt: no answer. Waits.
  std::optional<bool> has(const std::string& sha256_hex);
  // Waits for what was offered, at most so long; then nothing is sent any more.
  void end(double wait_s);
  RemoteCounts counts() const;
  const std::string& name() const;  // without credentials
  // Why it is not asked any more; empty: it is.
  std::string trouble() const;

 private:
  struct State;
  explicit RemoteCache(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
