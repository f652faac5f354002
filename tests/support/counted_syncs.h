#pragma once
// How often the program asked the kernel to put something on the disk. A test binary that links counted_syncs.cpp has
// its own fsync, fdatasync and syncfs, which count and then do the real thing: what a promise of durability rests on
// can be dropped without any other sign.

namespace pkg::test {

struct SyncCounts {
  int files = 0;         // fsync and fdatasync
  int file_systems = 0;  // syncfs
};
SyncCounts sync_counts();  // since the program began

}  // namespace pkg::test
