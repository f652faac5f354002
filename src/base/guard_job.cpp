// A size, and that many bytes: the texts, each with its own size before it; `argv` and `environment` with their counts.
#include "base/guard_job.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pkg::process {
namespace {

constexpr std::uint32_t kMostBytes = 64u << 20;

void put(std::string& out, std::uint32_t number) { out.append(reinterpret_cast<const char*>(&number), sizeof number); }
void put(std::string& out, const std::string& text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}
void put(std::string& out, const std::vector<std::string>& texts) {
  put(out, static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts) put(out, text);
}

bool take(std::string_view& from, std::uint32_t& number) {
  if (from.size() < sizeof number) return false;
  std::memcpy(&number, from.data(), sizeof number);
  from.remove_prefix(sizeof number);
  return true;
}
bool take(std::string_view& from, std::string& text) {
  std::uint32_t size = 0;
  if (!take(from, size) || from.size() < size) return false;
  text = from.substr(0, size);
  from.remove_prefix(size);
  return true;
}
bool take(std::string_view& from, std::vector<std::string>& texts) {
  std::uint32_t count = 0;
  if (!take(from, count) || count > from.size()) return false;
  texts.resize(count);
  for (auto& text : texts)
    if (!take(from, text)) return false;
  return true;
}

bool receive_all(int socket, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, into, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

bool GuardJob::send(int socket) const {
  std::string body;
  for (const auto* text : {&program, &directory, &confinement}) put(body, *text);
  put(body, argv);
  put(body, environment);
  std::string message;
  put(message, body);
  for (std::string_view left = message; !left.empty();) {
    const ssize_t sent = ::send(socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool GuardJob::receive(int socket) {
  std::uint32_t size = 0;
  if (!receive_all(socket, reinterpret_cast<char*>(&size), sizeof size) || size > kMostBytes) return false;
  std::string body(size, '\0');
  if (!receive_all(socket, body.data(), size)) return false;
  std::string_view rest = body;
  return take(rest, program) && take(rest, directory) && take(rest, confinement) && take(rest, argv) &&
         take(rest, environment);
}

}  // namespace pkg::process
