#include "cli/output/progress.h"

#include <chrono>
#include <iomanip>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "cli/output/output.h"
#include "cli/output/shortened.h"

namespace pkg::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRedrawEvery = std::chrono::milliseconds(80);
constexpr auto kLineEvery = std::chrono::seconds(5);

struct Transfer {
  std::string name;
  std::uint64_t total = 0, done = 0;
};

std::string in_megabytes(std::uint64_t bytes) {
  const auto tenths = bytes * 10 / 1'000'000;
  return cat(tenths / 10, ".", tenths % 10, " MB");
}

std::string_view word_for(TransferKind kind) {
  return kind == TransferKind::page ? "page" : kind == TransferKind::metadata ? "metadata" : "wheel";
}

}  // namespace

struct TerminalReporter::State {
  ProgressOptions options;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::mutex mutex;
  std::set<std::string> warned;
  std::map<std::uint64_t, Transfer> transfers;  // wheels under way
  std::uint64_t finished_bytes = 0, finished_count = 0;
  std::string phase, item;
  std::uint64_t step_done = 0, step_total = 0;
  Clock::time_point started = Clock::now(), drawn{}, told{};
  bool line_shown = false;

  void clear_line() {
    if (line_shown) err("\r\033[K");
    line_shown = false;
  }

  void line(const Text& text) {
    clear_line();
    err(text, "\n");
  }

  void event(const json::Json& value) { err_json(value); }

  // One line, with no secret that its maker would not have shown on a terminal either.
  void log(std::string_view kind, const std::string& message) {
    if (options.log == nullptr) return;
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    *options.log << std::fixed << std::setprecision(3) << seconds << ' ' << kind << ' ' << printable(message) << '\n';
    options.log->flush();
  }

  std::string live_text() const {
    if (transfers.empty()) {
      std::string text = phase;
      if (step_total > 0) append(text, " ", step_done, "/", step_total);
      if (!item.empty()) append(text, " ", item);
      return text;
    }
    std::uint64_t done = finished_bytes, total = finished_bytes;
    for (const auto& [id, transfer] : transfers) {
      done += transfer.done;
      total += std::max(transfer.total, transfer.done);
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - started).count();
    const auto rate = seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(done) / seconds) : 0;
    const std::size_t width = 24, filled = total == 0 ? 0 : static_cast<std::size_t>(width * done / total);
    return cat("Downloading [", std::string(filled, '#'), std::string(width - filled, '.'), "] ", in_megabytes(done),
               " of ", in_megabytes(total), ", ", in_megabytes(rate), "/s, ", finished_count, " of ",
               finished_count + transfers.size(), " ", transfers.begin()->second.name);
  }

  // Nothing of what ends soon.
  void tell_step() {
    const auto now = Clock::now();
    if (!options.lines || options.bars || now - std::max(started, told) < kLineEvery) return;
    told = now;
    std::string text = phase;
    if (step_total > 0) append(text, " ", step_done, "/", step_total);
    if (!item.empty()) append(text, step_total > 0 ? " " : ": ", item);
    line(styled(shortened(text), Style::dim, Stream::err));
  }

  void redraw() {
    if (!options.bars) return;
    const auto now = Clock::now();
    if (now - drawn < kRedrawEvery) return;
    drawn = now;
    const auto text = Text(live_text()).str();
    auto length = std::min<std::size_t>(text.size(), 110);
    while (length < text.size() && (text[length] & 0xC0) == 0x80) --length;  // not within a character
    err("\r\033[K", text.substr(0, length));
    line_shown = true;
  }
};

TerminalReporter::TerminalReporter(ProgressOptions options) : state_(std::make_unique<State>()) {
  state_->options = options;
}

TerminalReporter::~TerminalReporter() { state_->clear_line(); }

void TerminalReporter::warning(const std::string& message) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->warned.insert(message).second) return;
  state_->log("warning", message);
  if (!state_->options.warnings) return;
  if (state_->options.json_events) return state_->event({{"event", "warning"}, {"message", message}});
  state_->line(Text(styled("warning:", Style::yellow, Stream::err), " ", shortened(message)));
}

void TerminalReporter::note(const std::string& message) {
  const std::lock_guard lock(state_->mutex);
  state_->log("note", message);
  if (!state_->options.notes) return;
  if (state_->options.json_events) return state_->event({{"event", "note"}, {"message", message}});
  state_->line(styled(shortened(message), Style::dim, Stream::err));
}

bool TerminalReporter::wants_details() const { return state_->options.details || state_->options.log != nullptr; }

void TerminalReporter::detail(const std::string& message) {
  const std::lock_guard lock(state_->mutex);
  state_->log("detail", message);
  if (!state_->options.details) return;
  if (state_->options.json_events) return state_->event({{"event", "detail"}, {"message", message}});
  state_->line(styled(message, Style::dim, Stream::err));
}

void TerminalReporter::transfer_started(std::uint64_t id, TransferKind kind, const std::string& name,
                                        std::uint64_t total_bytes) {
  const std::lock_guard lock(state_->mutex);
  if (state_->options.json_events) {
    state_->event({{"event", "transfer-started"},
                   {"id", id},
                   {"kind", std::string(word_for(kind))},
                   {"name", name},
                   {"bytes", total_bytes}});
  }
  if (kind != TransferKind::wheel) return;
  state_->transfers[id] = {name, total_bytes, 0};
  state_->redraw();
}

void TerminalReporter::transfer_progress(std::uint64_t id, std::uint64_t done_bytes) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->transfers.find(id);
  if (found == state_->transfers.end()) return;
  found->second.done = done_bytes;
  if (state_->options.json_events) state_->event({{"event", "transfer-progress"}, {"id", id}, {"bytes", done_bytes}});
  state_->redraw();
}

void TerminalReporter::transfer_finished(std::uint64_t id) {
  const std::lock_guard lock(state_->mutex);
  if (state_->options.json_events) state_->event({{"event", "transfer-finished"}, {"id", id}});
  const auto found = state_->transfers.find(id);
  if (found == state_->transfers.end()) return;
  state_->finished_bytes += found->second.done;
  ++state_->finished_count;
  state_->transfers.erase(found);
  if (state_->transfers.empty()) state_->clear_line();
}

void TerminalReporter::step(const std::string& phase, const std::string& item, std::uint64_t done,
                            std::uint64_t total) {
  const std::lock_guard lock(state_->mutex);
  if (state_->options.json_events)
    return state_->event({{"event", "step"}, {"phase", phase}, {"item", item}, {"done", done}, {"total", total}});
  state_->phase = phase;
  state_->item = item;
  state_->step_done = done;
  state_->step_total = total;
  state_->redraw();
  state_->tell_step();
}

}  // namespace pkg::cli
