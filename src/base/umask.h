#pragma once

#include <sys/types.h>

namespace pkg {

// The process' umask. Any thread.
mode_t process_umask();

}  // namespace pkg
