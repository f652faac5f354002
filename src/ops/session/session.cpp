#include "ops/session/session.h"

#include <utility>

namespace pkg::ops {

Session::Session(index::Settings settings, std::filesystem::path working_folder, Reporter& reporter,
                 const CancelToken& cancel, SessionEdges edges)
    : settings_(std::move(settings)),
      working_folder_(std::move(working_folder)),
      state_key_(std::make_shared<venv::StateKey>(settings_.state_dir, settings_.cache_dir)),
      reporter_(reporter),
      cancel_(cancel),
      edges_(std::move(edges)) {}

Session::Session(const Session& other, index::Settings settings, BuildOptions build_options)
    : settings_(std::move(settings)),
      working_folder_(other.working_folder_),
      state_key_(other.state_key_),
      reporter_(other.reporter_),
      cancel_(other.cancel_),
      edges_(other.edges_),
      build_options_(std::move(build_options)),
      make_builds_(other.make_builds_),
      python_options_(other.python_options_) {}

Session::~Session() = default;

Session& Session::with(const index::Settings& settings, const BuildOptions& build_options) {
  const auto has_them = [&](const Session& session) {
    return session.settings_ == settings && session.build_options_ == build_options;
  };
  if (has_them(*this)) return *this;
  const std::lock_guard lock(mutex_);
  for (const auto& other : others_)
    if (has_them(*other)) return *other;
  return *others_.emplace_back(new Session(*this, settings, build_options));
}

Result<index::Index*> Session::index() {
  const std::lock_guard lock(mutex_);
  if (!index_) {
    PKG_TRY_ASSIGN(index_, open_index(settings_));
  }
  return index_.get();
}

Result<std::unique_ptr<index::Index>> Session::open_index(index::Settings settings) const {
  return index::Index::open(std::move(settings), reporter_, cancel_, edges_.make_transport);
}

void Session::make_builds(const venv::Interpreter& interpreter, const venv::Environment* environment) {
  if (edges_.make_builder) builds_ = edges_.make_builder(*this, interpreter, environment);
}

void Session::make_builds_later(std::function<Status(Session&)> make) {
  builds_.reset();
  make_builds_ = std::move(make);
}

Result<SourceBuilder*> Session::need_builds() {
  if (!builds_ && make_builds_) PKG_TRY(make_builds_(*this));
  if (!builds_) return make_error(ErrorKind::unsupported, "nothing can be built here: no Python was chosen for it");
  return builds_.get();
}

}  // namespace pkg::ops
