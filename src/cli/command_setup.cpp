#include "cli/command_setup.h"

#include <utility>

namespace pkg::cli {

// At one place in memory: the parser writes into the options.
struct CommandSetup::State {
  State(const Invocation& asked, Config settings, std::string description, std::string example)
      : invocation(asked),
        config(std::move(settings)),
        parser(invocation, std::move(description), std::move(example)) {}
  Invocation invocation;
  Config config;
  GlobalOptions global;
  IndexOptions index;
  OptionParser parser;
};

CommandSetup::CommandSetup(std::unique_ptr<State> state) : state_(std::move(state)) {}
CommandSetup::CommandSetup(CommandSetup&&) noexcept = default;
CommandSetup::~CommandSetup() = default;

Result<CommandSetup> CommandSetup::begin(const Invocation& invocation, std::string description, std::string example) {
  PKG_TRY_ASSIGN(auto config, CommandContext::load_config(invocation));
  auto state = std::make_unique<State>(invocation, std::move(config), std::move(description), std::move(example));
  apply_config(state->config, state->index);
  return CommandSetup(std::move(state));
}

OptionParser& CommandSetup::parser() { return state_->parser; }
const Config& CommandSetup::config() const { return state_->config; }

Result<std::optional<CommandContext>> CommandSetup::finish(Asks asks) {
  auto& [invocation, config, global, index, parser] = *state_;
  if (asks == Asks::index)
    add_index_options(parser, index);
  else
    add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return std::optional<CommandContext>();
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  return std::optional<CommandContext>(std::move(context));
}

}  // namespace pkg::cli
