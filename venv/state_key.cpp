#include "venv/state_key.h"

#include <mutex>
#include <utility>

#include "base/key_file.h"
#include "base/mac.h"
#include "base/text.h"

namespace pkg::venv {

struct StateKey::State {
  std::filesystem::path state_dir, cache_dir;
  std::once_flag once;
  std::string bytes, problem;

  void load() {
    for (const auto& folder : {state_dir, cache_dir}) {
      if (folder.empty()) continue;
      auto found = fs::own_key(folder, kStateKeyName);
      if (found.ok()) {
        problem.clear();
        bytes = *std::move(found);
        return;
      }
      if (problem.empty()) problem = std::move(found).error().message;
    }
    if (problem.empty()) problem = "there is no folder for it";
    bytes = fs::random_bytes(fs::kKeySize);
  }
};

StateKey::StateKey(std::filesystem::path state_dir, std::filesystem::path cache_dir)
    : state_(std::make_unique<State>()) {
  state_->state_dir = std::move(state_dir);
  state_->cache_dir = std::move(cache_dir);
}
StateKey::StateKey(StateKey&&) noexcept = default;
StateKey::~StateKey() = default;

const StateKey::State& StateKey::loaded() const {
  std::call_once(state_->once, [this] { state_->load(); });
  return *state_;
}

const std::string& StateKey::problem() const { return loaded().problem; }

std::string StateKey::mac(std::string_view what, std::string_view bytes) const {
  return hmac_sha256(loaded().bytes, cat(what, '\0', bytes));
}

bool StateKey::is_mac(std::string_view what, std::string_view bytes, std::string_view mac) const {
  return loaded().bytes.size() == fs::kKeySize && equal_secrets(this->mac(what, bytes), mac);
}

}  // namespace pkg::venv
