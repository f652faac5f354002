#pragma once

namespace pkg::builder {

// Root's capabilities go, and no program can give any: root could make mounts writable again, and device nodes. 0 or
// errno.
int drop_privileges(const char*& step);

}  // namespace pkg::builder
