#pragma once
// What tells this user's own notes in an environment from those that came with it: a secret that never leaves the
// user's machine. Journals, lists of links and the like carry an HMAC made with it; others are never obeyed
// (docs/internals/transaction.md#secret).

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace pkg::venv {

// Read, or made, when it is first needed. Any thread.
class StateKey {
 public:
  // Kept in `state_dir`; where that cannot be, in `cache_dir`. An empty path is passed over.
  StateKey(std::filesystem::path state_dir, std::filesystem::path cache_dir);
  StateKey(StateKey&&) noexcept;
  ~StateKey();

  // Whether it will be known again; if not, the key is one for this process alone, and problem() says why.
  bool is_kept() const { return problem().empty(); }
  const std::string& problem() const;

  // `what` says what the bytes are: those of one kind are never taken for another's.
  std::string mac(std::string_view what, std::string_view bytes) const;  // kMacSize bytes
  bool is_mac(std::string_view what, std::string_view bytes, std::string_view mac) const;

 private:
  struct State;
  const State& loaded() const;
  std::unique_ptr<State> state_;
};

constexpr std::size_t kMacSize = 32;
constexpr const char* kStateKeyName = "environment-key";

}  // namespace pkg::venv
