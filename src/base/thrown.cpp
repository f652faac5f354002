#include "base/thrown.h"

#include <new>
#include <stdexcept>
#include <string_view>

#include "base/text.h"

namespace pkg {
namespace {

Error no_memory() {
  return make_error(ErrorKind::io, "there is not enough memory",
                    "docs/reference/limits.md says how much pkg reads of what; `ulimit -v` shows a limit of the shell");
}

Error unexpected(std::string_view what) {
  return make_error(ErrorKind::internal, cat("pkg met something unexpected: ", printable(what)),
                    "this is a mistake in pkg: please report it, with this text and the command");
}

}  // namespace

Error thrown_error(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    return no_memory();
  } catch (const std::length_error&) {
    return no_memory();
  } catch (const std::exception& error) {
    return unexpected(error.what());
  } catch (...) {
    return unexpected("an exception of no known type");
  }
}

}  // namespace pkg
