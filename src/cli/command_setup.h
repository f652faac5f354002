#pragma once
// How a command begins: settings are read, options declared and parsed, and then there is a CommandContext. For the
// verbs whose own options come in one piece; those that resolve or install have more groups and go the same steps
// themselves.

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/command_context.h"
#include "cli/options/options.h"

namespace pkg::cli {

// Whether a verb asks an index: which options it has, besides those for everywhere.
enum class Asks { no_index, index };

class CommandSetup {
 public:
  // Errors: those of CommandContext::load_config.
  static Result<CommandSetup> begin(const Invocation& invocation, std::string description, std::string example);
  CommandSetup(CommandSetup&&) noexcept;
  ~CommandSetup();

  // Between begin and finish: the verb's own options are declared on the parser; their values are there after finish.
  OptionParser& parser();
  const Config& config() const;

  // Adds the last groups and parses. nullopt: help was asked for and has been printed. usage: the words. Others: those
  // of CommandContext::make.
  Result<std::optional<CommandContext>> finish(Asks asks);

 private:
  struct State;
  explicit CommandSetup(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pkg::cli
