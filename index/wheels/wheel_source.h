#pragma once
// From a DistFile to an unpacked wheel: out of the store, else downloaded and unpacked, one transfer per file whoever
// asks.

#include <functional>
#include <memory>
#include <span>

#include "base/result.h"
#include "index/download.h"
#include "index/refresh.h"
#include "index/wheels/wheel_store.h"
#include "pep/dist_file.h"

namespace pkg::index {

// Threads: any.
class WheelSource {
 public:
  using Done = std::function<void(Result<WheelStore::Wheel>)>;
  // `offline`: a wheel that is not stored is not_found (unless its URL is a "file:" one).
  WheelSource(WheelStore& store, Downloader& downloader, RecordCheck check, bool offline, Refresh refresh = {});
  // Has the last word on each wheel before it is given out. `is_fresh`: it was unpacked just now. Before the first
  // question.
  using Confirm = std::function<Status(const pep::DistFile& file, const pep::UnpackedWheel& wheel, bool is_fresh)>;
  void confirm_with(Confirm confirm);
  ~WheelSource();  // waits for what was started: destroy the client before, so that this ends at once

  void want(std::span<const pep::DistFile* const> files);  // starts what is not stored; returns at once
  // Waits. not_found: offline and not stored, or gone · network · hash_mismatch: bytes or RECORD · bad_data: no proper
  // wheel · unsupported: not a wheel, or a newer kind · io · interrupted.
  Result<WheelStore::Wheel> get(const pep::DistFile& file);
  void start(const pep::DistFile& file, Done done);  // `done` on any thread, once

  // Hashes the stored files of this wheel again; replaces the wheel from a fresh download when one is damaged. The
  // wheel as it is then. Errors: those of get(), and busy.
  Result<WheelStore::Wheel> heal(const pep::DistFile& file);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pkg::index
