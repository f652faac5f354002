#include "support/index_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace pkg::test {
namespace {

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void pause_ms(int ms) {
  if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

// Reads up to the empty line; what follows stays in `buffer`.
std::optional<ServedRequest> read_request(int socket, std::string& buffer) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    char piece[4096];
    const auto got = ::recv(socket, piece, sizeof piece, 0);
    if (got <= 0) return std::nullopt;
    buffer.append(piece, static_cast<std::size_t>(got));
  }
  ServedRequest request;
  const std::string head = buffer.substr(0, end);
  buffer.erase(0, end + 4);
  bool first = true;
  for (const auto line : split_lines(head)) {
    if (first) {
      const auto words = split_words(line);
      if (words.size() != 3) return std::nullopt;
      request.method = words[0];
      request.target = words[1];
      first = false;
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      request.headers[to_ascii_lower(line.substr(0, colon))] = trim(line.substr(colon + 1));
    }
  }
  return request;
}

// "bytes=5-9", "bytes=5-", "bytes=-4" of `size` bytes: first and last.
std::optional<std::pair<std::size_t, std::size_t>> range_of(std::string_view text, std::size_t size) {
  if (!text.starts_with("bytes=") || size == 0) return std::nullopt;
  text.remove_prefix(6);
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = parse_u64(text.substr(0, dash)), last = parse_u64(text.substr(dash + 1));
  if (!first && last) return std::pair(size - std::min<std::size_t>(*last, size), size - 1);
  if (!first || *first >= size) return std::nullopt;
  return std::pair<std::size_t, std::size_t>(*first, last ? std::min<std::size_t>(*last, size - 1) : size - 1);
}

std::string head_text(int status, const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string head = cat("HTTP/1.1 ", status, " Answer\r\n");
  for (const auto& [name, value] : headers) append(head, name, ": ", value, "\r\n");
  return head;
}

}  // namespace

const std::string& ServedRequest::header(const std::string& lower_case_name) const {
  static const std::string none;
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? none : found->second;
}

IndexServer::IndexServer() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 128) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    std::abort();
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

IndexServer::~IndexServer() {
  ending_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& talker : talkers_) talker.join();
  for (const int socket : sockets_) ::close(socket);
  ::close(listener_);
}

std::string IndexServer::url(const std::string& path) const { return cat("http://127.0.0.1:", port_, path); }

void IndexServer::serve(const std::string& path, Served what) {
  const std::lock_guard lock(mutex_);
  paths_[path] = std::move(what);
}

void IndexServer::remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  paths_.erase(path);
}

std::vector<ServedRequest> IndexServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::size_t IndexServer::count(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(requests_.begin(), requests_.end(), [&](const auto& r) {
    return r.target.substr(0, r.target.find('?')) == path;
  }));
}

void IndexServer::accept_all() {
  while (!ending_) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);  // closed at the end only: numbers stay distinct
    talkers_.emplace_back([this, socket] { talk(socket); });
  }
}

void IndexServer::talk(int socket) {
  std::string buffer;
  while (!ending_) {
    const auto request = read_request(socket, buffer);
    if (!request || !answer(socket, *request)) break;
  }
  ::shutdown(socket, SHUT_RDWR);
}

bool IndexServer::answer(int socket, const ServedRequest& request) {
  Served what;
  bool cut = false, fail = false;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    const auto found = paths_.find(request.target.substr(0, request.target.find('?')));
    if (found == paths_.end()) {
      what.status = 404;
      what.body = "not here";
    } else {
      auto& kept = found->second;
      fail = kept.fail_first > 0;
      if (fail) --kept.fail_first;
      cut = !fail && kept.cut_after && kept.cut_first > 0;
      if (cut) --kept.cut_first;
      what = kept;
    }
  }
  pause_ms(what.delay_ms);
  if (!what.raw.empty()) {
    send_all(socket, what.raw);
    return false;
  }
  auto headers = fail ? what.fail_headers : what.headers;
  int status = fail ? what.fail_status : what.status;
  std::string body = fail ? "come back later" : what.body;
  if (!fail && what.wrong_byte_at && *what.wrong_byte_at < body.size()) body[*what.wrong_byte_at] ^= 1;
  if (!fail && !what.etag.empty()) {
    headers.emplace_back("ETag", what.etag);
    if (request.header("if-none-match") == what.etag) {
      status = 304;
      body.clear();
    }
  }
  if (status == 200) {
    headers.emplace_back("Content-Type", what.content_type);
    const bool same = request.header("if-range").empty() || request.header("if-range") == what.etag;
    if (const auto range = range_of(request.header("range"), body.size()); what.ranges && same && range) {
      headers.emplace_back("Content-Range", cat("bytes ", range->first, "-", range->second, "/", body.size()));
      body = body.substr(range->first, range->second - range->first + 1);
      status = 206;
    }
  }
  headers.emplace_back(what.chunked ? "Transfer-Encoding" : "Content-Length",
                       what.chunked ? "chunked" : cat(body.size()));
  if (!send_all(socket, head_text(status, headers) + "\r\n")) return false;
  if (request.method == "HEAD" || status == 304) return true;
  const std::size_t whole = cut ? std::min(*what.cut_after, body.size()) : body.size();
  for (std::size_t at = 0; at < whole;) {
    const std::size_t piece = std::min<std::size_t>(what.drip_ms > 0 ? 1024 : 1u << 20, whole - at);
    const auto bytes = std::string_view(body).substr(at, piece);
    if (what.chunked) {
      char size[20];
      std::snprintf(size, sizeof size, "%zx\r\n", piece);
      if (!send_all(socket, size) || !send_all(socket, bytes) || !send_all(socket, "\r\n")) return false;
    } else if (!send_all(socket, bytes)) {
      return false;
    }
    at += piece;
    pause_ms(what.drip_ms);
    if (ending_) return false;
  }
  if (cut) return false;
  return !what.chunked || send_all(socket, "0\r\n\r\n");
}

}  // namespace pkg::test
