#include "ops/session.h"

#include <utility>

namespace pkg::ops {

Session::Session(index::Settings settings, std::filesystem::path working_folder, Reporter& reporter, const CancelToken& cancel,
                 std::filesystem::path state_dir)
    : settings_(std::move(settings)),
      working_folder_(std::move(working_folder)),
      state_dir_(std::move(state_dir)),
      state_key_(state_dir_, settings_.cache_dir),
      reporter_(reporter),
      cancel_(cancel) {}

Session::~Session() = default;

Result<index::Index*> Session::index() {
  if (!index_) {
    PKG_TRY_ASSIGN(index_, index::Index::open(settings_, reporter_, cancel_));
  }
  return index_.get();
}

void Session::make_builds(const venv::Interpreter& interpreter, const venv::Environment* environment) {
  builds_ = std::make_unique<Builds>(*this, build_options_, interpreter, environment);
}

void Session::make_builds_later(std::function<Status(Session&)> make) {
  builds_.reset();
  make_builds_ = std::move(make);
}

Result<Builds*> Session::need_builds() {
  if (!builds_ && make_builds_) PKG_TRY(std::exchange(make_builds_, {})(*this));
  if (!builds_) return make_error(ErrorKind::unsupported, "nothing can be built here: no Python was chosen for it");
  return builds_.get();
}

}  // namespace pkg::ops
