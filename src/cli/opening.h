#pragma once
// How a command begins: settings are read, options declared and parsed, and then there is a Front. For the verbs whose own options come in
// one piece; those that resolve or install have more groups and go the same steps themselves.

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/front.h"
#include "cli/options.h"

namespace pkg::cli {

// Whether a verb asks an index: which options it has, besides those for everywhere.
enum class Asks { no_index, index };

class Opening {
 public:
  static Result<Opening> begin(const Invocation& invocation, std::string description, std::string example);
  Opening(Opening&&) noexcept;
  ~Opening();

  // Between begin and finish: the verb's own options are declared on the parser; their values are there after finish.
  OptionParser& parser();
  const Config& config() const;

  // Adds the last groups and parses. nullopt: help was asked for and has been printed.
  Result<std::optional<Front>> finish(Asks asks);

 private:
  struct State;
  explicit Opening(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pkg::cli
