#pragma once
// Ways to use the Client: a small file whole, and a part of a large one.

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "index/metadata/remote_zip.h"

namespace pkg::index {

class Client;

struct HttpAnswer {
  int status = 0;
  std::string body;
};
// The whole body; one over `limit_bytes` is bad_data. `done` is called once, on a thread of the client.
void get_whole(Client& client, const std::string& url, std::uint64_t limit_bytes,
               std::function<void(Result<HttpAnswer>)> done);

// The same for who waits for it, and wants a 2xx answer. Errors: those of Client::get and status_error(). Not from a
// thread of the client.
Result<std::string> fetch_text(Client& client, const std::string& url, std::uint64_t limit_bytes);

struct RangeAnswer {
  int status = 0;
  bool is_partial = false;  // 206 with a usable Content-Range and as many bytes as it says; otherwise there is no body
  ContentRange range;
  std::string body;
};
// A server that answers with the whole file is cut off after its headers.
void get_range(Client& client, const std::string& url, const ByteRange& range,
               std::function<void(Result<RangeAnswer>)> done);

}  // namespace pkg::index
