#pragma once
// The few ways in which metadata and downloads use the Client.

#include <cstdint>
#include <functional>
#include <string>

#include "base/events.h"
#include "base/result.h"
#include "index/remote_zip.h"

namespace pkg::index {

class Client;

struct HttpAnswer {
  int status = 0;
  std::string body;
};
// The whole body, of at most `limit_bytes`. `done` is called once, on a thread of the client.
void get_whole(Client& client, const std::string& url, TransferKind kind, std::uint64_t limit_bytes,
               std::function<void(Result<HttpAnswer>)> done);

struct RangeAnswer {
  int status = 0;
  bool is_partial = false;  // 206 with a Content-Range that can be used; else the body was not read
  ContentRange range;
  std::string body;
};
void get_range(Client& client, const std::string& url, const ByteRange& range, std::function<void(Result<RangeAnswer>)> done);

}  // namespace pkg::index
