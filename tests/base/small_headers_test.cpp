// Header-only parts: result.h, binary.h, ids.h, check.h; and dynlib.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "base/binary.h"
#include "base/check.h"
#include "base/dynlib.h"
#include "base/events.h"
#include "base/ids.h"
#include "base/result.h"

using namespace pkg;

namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return make_error(ErrorKind::bad_data, "odd");
  return number / 2;
}

Result<int> quarter(int number) {
  PKG_TRY_ASSIGN(const int first, half(number).with("while halving"));
  return half(first);
}

// What a process that does this says before it stops; empty: it goes on.
template <class F>
std::string last_words(F act) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(SIGABRT, SIG_DFL);  // the test program has a handler
    ::dup2(ends[1], STDERR_FILENO);
    act();
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string words;
  char buffer[512];
  for (auto count = ::read(ends[0], buffer, sizeof buffer); count > 0; count = ::read(ends[0], buffer, sizeof buffer))
    words.append(buffer, static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? words : std::string();
}

}  // namespace

TEST_CASE("asking an error for its value, or a value for its error, stops the program with a message") {
  Result<std::string> failed = make_error(ErrorKind::bad_data, "odd");
  const Result<std::string>& read_only = failed;
  const Result<int> fine = 1;
  const auto is_told = [](const std::string& words) { return words.find("internal error") != std::string::npos; };
  CHECK(is_told(last_words([&] { failed.value().clear(); })));
  CHECK(is_told(last_words([&] { (void)read_only.value(); })));
  CHECK(is_told(last_words([&] { (void)std::move(failed).value(); })));
  CHECK(is_told(last_words([&] { (*failed).clear(); })));
  CHECK(is_told(last_words([&] { (void)read_only->size(); })));
  CHECK(is_told(last_words([&] { (void)fine.error(); })));
  CHECK(last_words([&] { (void)fine.value(); }).empty());
}

TEST_CASE("an error passes through with what was being done") {
  CHECK(quarter(8).value() == 2);
  const auto failed = quarter(7);
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().message == "odd");
  CHECK(failed.error().context == std::vector<std::string>{"while halving"});
  CHECK(quarter(6).error().context.empty());
}

TEST_CASE("what a binary writer wrote a reader reads, and beyond the end it reads nothing") {
  BinaryWriter out;
  out.u8(200);
  out.u16(60000);
  out.u32(7);
  out.i64(-5);
  out.text("abc");
  out.patch_u32(3, 8);
  const std::string bytes = out.take();
  BinaryReader in(bytes);
  CHECK(in.u8() == 200);
  CHECK(in.u16() == 60000);
  CHECK(in.u32() == 8);
  CHECK(in.i64() == -5);
  CHECK(in.text() == "abc");
  CHECK(in.ok());
  CHECK(in.u8() == 0);
  CHECK_FALSE(in.ok());
  BinaryReader lying(
      std::string_view("\xff\xff\xff\xff"
                       "abc",
                       7));
  CHECK(lying.text().empty());
  CHECK_FALSE(lying.ok());
  BinaryReader seeking("abc");
  seeking.seek(4);
  CHECK_FALSE(seeking.ok());
}

TEST_CASE("ids index their own vector") {
  struct Tag {};
  IdVector<Id<Tag>, std::string> names;
  const auto a = names.push_back("a");
  const auto b = names.push_back("b");
  CHECK(names[a] == "a");
  CHECK(a < b);
  CHECK(names.size() == 2);
}

#ifndef PKG_STATIC  // a static program opens none
TEST_CASE("a library is opened on use, and one that is not there comes with advice") {
  const auto library = DynamicLibrary::open("libc.so.6", "libc6");
  REQUIRE(library.ok());
  CHECK(library->symbol("getpid") != nullptr);
  CHECK(library->symbol("no_such_function_here") == nullptr);
  const auto missing = DynamicLibrary::open("libno-such-thing.so.9", "libno-such-thing9");
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().kind == ErrorKind::unsupported);
  CHECK(missing.error().hint == "install it: apt-get install libno-such-thing9");
}
#endif

TEST_CASE("a kept promise costs nothing") { PKG_CHECK(1 + 1 == 2); }
