#pragma once
// pkg's own errors are values. What is thrown all the same comes from the standard library: no memory, or a mistake of
// ours. It becomes an error where a thread's work begins, so that it ends in one line.

#include <exception>
#include <utility>

#include "base/result.h"

namespace pkg {

Error thrown_error(const std::exception_ptr& thrown);

// work(), or failed(error) when that throws.
template <class Work, class Failed>
void run_guarded(Work&& work, Failed&& failed) {
  try {
    work();
  } catch (...) {
    failed(thrown_error(std::current_exception()));
  }
}

}  // namespace pkg
