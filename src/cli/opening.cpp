#include "cli/opening.h"

#include <utility>

namespace pkg::cli {

// At one place in memory: the parser writes into the options.
struct Opening::State {
  State(const Invocation& invocation, Config settings, std::string description, std::string example)
      : config(std::move(settings)), parser(invocation, std::move(description), std::move(example)) {}
  Config config;
  GlobalOptions global;
  IndexOptions index;
  OptionParser parser;
};

Opening::Opening(std::unique_ptr<State> state) : state_(std::move(state)) {}
Opening::Opening(Opening&&) noexcept = default;
Opening::~Opening() = default;

Result<Opening> Opening::begin(const Invocation& invocation, std::string description, std::string example) {
  PKG_TRY_ASSIGN(auto config, Front::load_config(invocation));
  auto state = std::make_unique<State>(invocation, std::move(config), std::move(description), std::move(example));
  apply_config(state->config, state->index);
  return Opening(std::move(state));
}

OptionParser& Opening::parser() { return state_->parser; }
const Config& Opening::config() const { return state_->config; }

Result<std::optional<Front>> Opening::finish(Asks asks) {
  auto& [config, global, index, parser] = *state_;
  if (asks == Asks::index)
    add_index_options(parser, index);
  else
    add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return std::optional<Front>();
  PKG_TRY_ASSIGN(auto front, Front::make(global, index, config));
  return std::optional<Front>(std::move(front));
}

}  // namespace pkg::cli
