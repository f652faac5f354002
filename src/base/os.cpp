#include "base/os.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <algorithm>
#include <iterator>
#include <utility>

extern char** environ;  // NOLINT: not every libc declares it

namespace pkg::os {
namespace {

constexpr std::pair<int, const char*> kSignals[] = {
    {SIGHUP, "HUP"},   {SIGINT, "INT"},   {SIGQUIT, "QUIT"}, {SIGILL, "ILL"},   {SIGTRAP, "TRAP"}, {SIGABRT, "ABRT"},
    {SIGBUS, "BUS"},   {SIGFPE, "FPE"},   {SIGKILL, "KILL"}, {SIGUSR1, "USR1"}, {SIGSEGV, "SEGV"}, {SIGUSR2, "USR2"},
    {SIGPIPE, "PIPE"}, {SIGALRM, "ALRM"}, {SIGTERM, "TERM"}, {SIGXCPU, "XCPU"}, {SIGXFSZ, "XFSZ"}, {SIGSYS, "SYS"},
};

// What strerror_r returns: GNU's the text, POSIX's a number.
[[maybe_unused]] const char* text_of(const char* text, const char*) { return text; }
[[maybe_unused]] const char* text_of(int failed, const char* buffer) { return failed == 0 ? buffer : "unknown error"; }

}  // namespace

char** environment() { return environ; }

std::int64_t modified_ns(const struct stat& info) {
#ifdef __APPLE__
  const auto& moment = info.st_mtimespec;
#else
  const auto& moment = info.st_mtim;
#endif
  return static_cast<std::int64_t>(moment.tv_sec) * 1'000'000'000 + moment.tv_nsec;
}

const char* error_text(int error_number, char* buffer, std::size_t size) {
  return text_of(::strerror_r(error_number, buffer, size), buffer);
}

const char* signal_name(int signal) {
  const auto* const found = std::ranges::find(kSignals, signal, &std::pair<int, const char*>::first);
  return found == std::end(kSignals) ? nullptr : found->second;
}

}  // namespace pkg::os
