#pragma once
// Errors as values: Result<T>, Error, and the macros that pass an error on. See docs/internals/architecture.md#errors.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"

namespace pkg {

// What kind of failure this is. src/cli maps kinds to exit codes; nothing else switches on them, except callers that
// have a plan B.
enum class ErrorKind {
  usage,          // the command line or an option is wrong (exit 2)
  bad_data,       // something that was read is malformed
  not_found,      // a named thing does not exist
  conflict,       // requirements, files or distributions exclude each other
  network,        // after retries
  hash_mismatch,  // bytes are not the announced ones
  io,             // the operating system said no
  busy,           // another process holds the lock
  unsupported,    // well-formed, but beyond what this program does
  build,          // a build backend failed
  interrupted,    // SIGINT, SIGTERM or cancellation (exit 130)
  internal,       // a broken promise of another component
};

// "not_found": for programs, which may compare it.
std::string_view kind_name(ErrorKind kind);

// A failure with what is needed to tell it to a person.
//   message  lower-case, no final period, names the thing in backticks, says what was found and what was expected
//   context  what was being done, innermost first ("while reading `x`")
//   hint     advice, or empty
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
  std::vector<std::string> context;
  std::string hint;

  Error with(std::string doing) && {
    context.push_back(std::move(doing));
    return std::move(*this);
  }
  Error with_hint(std::string advice) && {
    hint = std::move(advice);
    return std::move(*this);
  }
  bool operator==(const Error&) const = default;
};

inline Error make_error(ErrorKind kind, std::string message, std::string hint = {}) {
  return Error{kind, std::move(message), {}, std::move(hint)};
}

struct Unit {
  bool operator==(const Unit&) const = default;
};

// A T, or why there is none. Result<void> is written Status.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  template <class U>
  requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           std::is_convertible_v<U&&, T>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Precondition of the value accessors: ok(); of error(): !ok(). Where it does not hold, the program stops with a
  // message. Behind a test of ok() the check costs nothing: the compiler sees that it was made.
  T& value() & { return checked<0>(*this); }
  const T& value() const& { return checked<0>(*this); }
  T&& value() && { return std::move(checked<0>(*this)); }
  T& operator*() & { return checked<0>(*this); }
  const T& operator*() const& { return checked<0>(*this); }
  T&& operator*() && { return std::move(checked<0>(*this)); }
  T* operator->() { return std::addressof(checked<0>(*this)); }
  const T* operator->() const { return std::addressof(checked<0>(*this)); }

  Error& error() & { return checked<1>(*this); }
  const Error& error() const& { return checked<1>(*this); }
  Error&& error() && { return std::move(checked<1>(*this)); }

  // Adds what was being done, when this is an error. The callable form builds its text only then.
  Result with(std::string doing) && {
    if (!ok()) error().context.push_back(std::move(doing));
    return std::move(*this);
  }
  template <class F>
  requires std::is_invocable_r_v<std::string, F> Result with(F&& doing) && {
    if (!ok()) error().context.push_back(doing());
    return std::move(*this);
  }

 private:
  template <std::size_t I, class Self>
  static auto& checked(Self& self) {
    PKG_CHECK(self.state_.index() == I);
    return *std::get_if<I>(&self.state_);
  }

  std::variant<T, Error> state_;
};

using Status = Result<Unit>;
inline Status ok_status() { return Unit{}; }

}  // namespace pkg

#define PKG_CONCAT_(a, b) a##b
#define PKG_CONCAT(a, b) PKG_CONCAT_(a, b)

// PKG_TRY(f());                      returns f()'s error from the enclosing function, if it has one
#define PKG_TRY(...)                                                                  \
  do {                                                                                \
    if (auto pkg_try_ = (__VA_ARGS__); !pkg_try_) return std::move(pkg_try_).error(); \
  } while (false)

// PKG_TRY_ASSIGN(const auto x, f()); the same, and binds the value
#define PKG_TRY_ASSIGN(declaration, ...) PKG_TRY_ASSIGN_(PKG_CONCAT(pkg_try_, __LINE__), declaration, __VA_ARGS__)
#define PKG_TRY_ASSIGN_(temporary, declaration, ...)   \
  auto temporary = (__VA_ARGS__);                      \
  if (!temporary) return std::move(temporary).error(); \
  declaration = std::move(temporary).value()
