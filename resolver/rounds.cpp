#include "resolver/rounds.h"

#include "base/text.h"

namespace pkg::resolver {

Error Rounds::too_many(const std::vector<std::string>& rejected_most) const {
  Error error = make_error(ErrorKind::unsupported, cat("no answer was found in ", most_, " rounds of resolving"),
                           "narrow the requirements, or let it go on for longer with --resolver-rounds N");
  if (!rejected_most.empty()) error.context.push_back(cat("tried most often in vain: ", join(rejected_most, ", ")));
  return error;
}

}  // namespace pkg::resolver
