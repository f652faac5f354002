#include "ops/builds.h"

#include <utility>

#include "ops/session.h"

namespace pkg::ops {

struct Builds::State {
  Session& session;
  BuildOptions options;
  venv::Interpreter interpreter;
  const venv::Environment* environment;
};

Builds::Builds(Session& session, BuildOptions options, venv::Interpreter interpreter, const venv::Environment* environment)
    : state_(new State{session, std::move(options), std::move(interpreter), environment}) {}
Builds::~Builds() = default;

const BuildOptions& Builds::options() const { return state_->options; }

}  // namespace pkg::ops
