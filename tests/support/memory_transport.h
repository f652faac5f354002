#pragma once
// A Transport without a network: a function answers, one exchange after the other on a thread of the transport's own.
// Ranges are cut out of bodies, and bodies break off, as the answer says.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/tasks.h"
#include "base/text.h"
#include "index/http/transport.h"

namespace pkg::test {

struct MemoryAnswer {
  int status = 200;
  std::vector<index::Header> headers;  // names in lower case
  std::string body;                    // all of it, whatever range was asked for
  bool has_ranges = true;
  bool has_suffix_ranges = true;
  std::optional<std::uint64_t> cut;  // the connection breaks off after so many bytes of what is sent
};

inline std::string header_of(const index::Exchange& exchange, std::string_view name) {
  for (const auto& header : exchange.headers)
    if (equals_ignoring_case(header.name, name)) return header.value;
  return {};
}

class MemoryTransport final : public index::Transport {
 public:
  using Respond = std::function<MemoryAnswer(const index::Exchange&)>;
  explicit MemoryTransport(Respond respond) : respond_(std::move(respond)), thread_(1) {}

  void start(index::Exchange exchange, Done done) override {
    auto failed = [done](Error error) { done(index::TransportFailure{.error = std::move(error)}); };
    thread_.submit([this, exchange = std::move(exchange), done = std::move(done)] { answer(exchange, done); },
                   std::move(failed));
  }

 private:
  struct Part {
    std::uint64_t first = 0, end = 0;
  };
  static std::optional<Part> part_of(std::string_view range, const MemoryAnswer& answer) {
    if (!answer.has_ranges || !range.starts_with("bytes=")) return std::nullopt;
    const auto text = range.substr(6);
    const auto dash = text.find('-');
    const auto first = parse_u64(text.substr(0, dash)), last = parse_u64(text.substr(dash + 1));
    const std::uint64_t size = answer.body.size();
    if (!first && !answer.has_suffix_ranges) return std::nullopt;
    if (!first) return Part{size - std::min(size, last.value_or(0)), size};
    return Part{std::min(*first, size), last ? std::min(size, *last + 1) : size};
  }

  static bool may_be_part(const index::Exchange& exchange, const MemoryAnswer& answer) {
    const auto if_range = header_of(exchange, "if-range");
    if (if_range.empty()) return answer.status == 200;
    const auto etag = std::find_if(answer.headers.begin(), answer.headers.end(),
                                   [](const index::Header& header) { return header.name == "etag"; });
    return answer.status == 200 && etag != answer.headers.end() && if_range == etag->value;
  }

  void answer(const index::Exchange& exchange, const Done& done) const {
    const MemoryAnswer answer = respond_(exchange);
    index::ResponseHead head;
    head.status = answer.status;
    head.headers = answer.headers;
    std::string_view body = answer.body;
    const auto range = may_be_part(exchange, answer) ? header_of(exchange, "range") : std::string();
    if (const auto part = part_of(range, answer)) {
      head.status = 206;
      head.headers.push_back(
          {"content-range", cat("bytes ", part->first, "-", part->end - 1, "/", answer.body.size())});
      body = body.substr(part->first, part->end - part->first);
    }
    send(exchange, done, head, body, answer.cut);
  }

  static void send(const index::Exchange& exchange, const Done& done, const index::ResponseHead& head,
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

  Respond respond_;
  TaskPool thread_;
};

}  // namespace pkg::test
