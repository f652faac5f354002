#pragma once
// A loopback HTTP/1.1 server for tests: answers by path, can misbehave on purpose, and remembers what it was asked.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace pkg::test {

struct ServedRequest {
  std::string method, target;                                           // target with query
  std::map<std::string, std::string> headers;                           // lower-case names
  const std::string& header(const std::string& lower_case_name) const;  // "" when absent
};

// What a path answers, and how it misbehaves.
struct Served {
  int status = 200;
  std::string body;
  std::string content_type = "text/html";
  std::vector<std::pair<std::string, std::string>> headers;
  bool ranges = true;  // answers Range with 206
  std::string etag;    // sent, and If-None-Match answered with 304
  int fail_first = 0;  // so many requests get fail_status first
  int fail_status = 503;
  std::vector<std::pair<std::string, std::string>> fail_headers;
  std::optional<std::size_t> cut_after;      // the connection ends after so many bytes of the body …
  int cut_first = 1;                         // … in the first so many answers
  std::optional<std::size_t> wrong_byte_at;  // one flipped bit
  int delay_ms = 0;                          // before the head
  int drip_ms = 0;                           // between pieces of 1 KiB of the body
  bool chunked = false;
  std::string raw;  // instead of everything above: these bytes, then the end
};

class IndexServer {
 public:
  IndexServer();
  ~IndexServer();
  IndexServer(const IndexServer&) = delete;
  IndexServer& operator=(const IndexServer&) = delete;

  std::string url(const std::string& path = "/") const;  // "http://127.0.0.1:PORT/path"
  void serve(const std::string& path, Served what);      // path without query; replaces
  void serve_page(const std::string& project, const std::string& html) {
    serve("/simple/" + project + "/", {.body = html});
  }
  void remove(const std::string& path);
  std::vector<ServedRequest> requests() const;       // so far, in order of arrival
  std::size_t count(const std::string& path) const;  // requests for it
  std::size_t connections() const { return connections_; }

 private:
  void accept_all();
  void talk(int socket);
  bool answer(int socket, const ServedRequest& request);  // false: close

  int listener_ = -1, port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, Served> paths_;
  std::vector<ServedRequest> requests_;
  std::vector<std::thread> talkers_;
  std::vector<int> sockets_;
  std::atomic<std::size_t> connections_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread acceptor_;
};

}  // namespace pkg::test
