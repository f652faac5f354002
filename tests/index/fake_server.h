#pragma once
// A server without a network: a Transport that answers from a map, with faults, and remembers what it was asked for.

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
#include "support/memory_transport.h"

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
          return std::unique_ptr<index::Transport>(
              std::make_unique<MemoryTransport>([this](const index::Exchange& exchange) { return answer(exchange); }));
        });
  }

 private:
  MemoryAnswer answer(const index::Exchange& exchange) {
    const auto range = header_of(exchange, "range");
    const std::lock_guard lock(mutex_);
    asked_.push_back(range.empty() ? exchange.url : cat(exchange.url, " ", range));
    const auto found = files.find(exchange.url);
    if (found == files.end()) return {.status = 404};
    FakeFile& file = found->second;
    MemoryAnswer answer{.status = file.status,
                        .body = file.content,
                        .has_ranges = file.has_ranges,
                        .has_suffix_ranges = file.has_suffix_ranges};
    if (!file.etag.empty()) answer.headers.push_back({"etag", file.etag});
    if (!file.cuts.empty()) {
      answer.cut = file.cuts.front();
      file.cuts.erase(file.cuts.begin());
    }
    if (file.after_cut) {
      file.content = *file.after_cut;
      file.etag = "\"another\"";
      file.after_cut.reset();
    }
    return answer;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

}  // namespace pkg::test
