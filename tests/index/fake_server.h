#pragma once
// A server without a network: a Transport that answers from a map, one exchange after the other on a thread of its own,
// with faults, and remembers what it was asked for.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/tasks.h"
#include "base/text.h"
#include "index/http/client.h"

namespace pkg::test {

struct FakeFile {
  std::string content;
  int status = 200;
  std::string etag;  // with quotes
  bool has_ranges = true;
  bool has_suffix_ranges = true;
  std::vector<std::uint64_t> cuts;       // the n-th answer with a body breaks off after so many bytes
  std::optional<std::string> after_cut;  // another content (and ETag) from the second answer on
};

class FakeServer {
 public:
  std::map<std::string, FakeFile> files;  // by URL

  std::vector<std::string> asked() const {  // "URL" or "URL bytes=…"
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    asked_.clear();
  }

  std::unique_ptr<index::Client> client(const CancelToken& cancel) {
    index::Settings settings;
    settings.retries = 0;
    return std::make_unique<index::Client>(
        settings, cancel, [this](const index::TransportSettings&) -> Result<std::unique_ptr<index::Transport>> {
          return std::unique_ptr<index::Transport>(std::make_unique<FakeTransport>(*this));
        });
  }

 private:
  class FakeTransport final : public index::Transport {
   public:
    explicit FakeTransport(FakeServer& server) : server_(server), thread_(1) {}
    void start(index::Exchange exchange, Done done) override {
      auto failed = [done](Error error) { done(index::TransportFailure{.error = std::move(error)}); };
      thread_.submit([this, exchange = std::move(exchange), done = std::move(done)] { server_.answer(exchange, done); },
                     std::move(failed));
    }

   private:
    FakeServer& server_;
    TaskPool thread_;
  };

  struct Part {
    std::uint64_t first = 0, end = 0;
  };
  static std::optional<Part> part_of(std::string_view range, const FakeFile& file) {
    if (!file.has_ranges || !range.starts_with("bytes=")) return std::nullopt;
    const auto text = range.substr(6);
    const auto dash = text.find('-');
    const auto first = parse_u64(text.substr(0, dash)), last = parse_u64(text.substr(dash + 1));
    const std::uint64_t size = file.content.size();
    if (!first && !file.has_suffix_ranges) return std::nullopt;
    if (!first) return Part{size - std::min(size, last.value_or(0)), size};
    return Part{std::min(*first, size), last ? std::min(size, *last + 1) : size};
  }

  static std::string header(const index::Exchange& exchange, std::string_view name) {
    for (const auto& h : exchange.headers)
      if (equals_ignoring_case(h.name, name)) return h.value;
    return {};
  }

  void answer(const index::Exchange& exchange, const index::Transport::Done& done) {
    const auto range = header(exchange, "range");
    FakeFile file;
    std::optional<std::uint64_t> cut;
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(range.empty() ? exchange.url : cat(exchange.url, " ", range));
      const auto found = files.find(exchange.url);
      if (found == files.end())
        file.status = 404;
      else {
        file = found->second;
        if (!file.cuts.empty()) {
          cut = file.cuts.front();
          found->second.cuts.erase(found->second.cuts.begin());
        }
        if (file.after_cut) {
          found->second.content = *file.after_cut;
          found->second.etag = "\"another\"";
          found->second.after_cut.reset();
        }
      }
    }
    index::ResponseHead head;
    head.status = file.status;
    if (!file.etag.empty()) head.headers.push_back({"etag", file.etag});
    std::string_view body = file.content;
    const auto if_range = header(exchange, "if-range");
    const bool may_be_part = file.status == 200 && (if_range.empty() || if_range == file.etag);
    if (const auto part = may_be_part ? part_of(range, file) : std::nullopt) {
      head.status = 206;
      head.headers.push_back(
          {"content-range", cat("bytes ", part->first, "-", part->end - 1, "/", file.content.size())});
      body = body.substr(part->first, part->end - part->first);
    }
    send(exchange, done, head, body, cut);
  }

  static void send(const index::Exchange& exchange, const index::Transport::Done& done, const index::ResponseHead& head,
                   std::string_view body, std::optional<std::uint64_t> cut) {
    const auto fail = [&](Error error, std::uint64_t received, bool may_retry) {
      done(index::TransportFailure{std::move(error), may_retry, received});
    };
    if (exchange.on_head)
      if (auto go_on = exchange.on_head(head); !go_on) return fail(go_on.error(), 0, false);
    const auto sent = body.substr(0, cut.value_or(body.size()));
    for (std::size_t at = 0; at < sent.size(); at += 1000)
      if (auto go_on = exchange.on_body(sent.substr(at, 1000)); !go_on) return fail(go_on.error(), at, false);
    if (cut) return fail(make_error(ErrorKind::network, "the connection broke off"), sent.size(), true);
    done(head);
  }

  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

}  // namespace pkg::test
