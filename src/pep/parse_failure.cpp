#include "pep/parse_failure.h"

#include "base/origin.h"
#include "base/text.h"

namespace pkg::pep {

Error to_error(const ParseFailure& failure, std::string_view what, std::string_view text) {
  return make_error(ErrorKind::bad_data, cat(quote(text), " is not ", what, ": ", failure.message))
      .with(caret(text, failure.offset));
}

}  // namespace pkg::pep
