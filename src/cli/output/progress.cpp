#include "cli/output/progress.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <iomanip>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>
#include <thread>
#include <vector>

#include "base/display_width.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/output/live_area.h"
#include "cli/output/output.h"
#include "cli/output/shortened.h"
#include "cli/output/sizes.h"
#include "ops/builds/build_phases.h"

namespace pkg::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kRedrawEvery = std::chrono::milliseconds(80), kTickEvery = std::chrono::milliseconds(250);
// What takes longer says so where there is no terminal, and again after 9, 27 and 81 seconds, then each minute.
constexpr auto kLineAfter = std::chrono::seconds(3), kMostBetween = std::chrono::seconds(60);

struct Transfer {
  std::string name;
  std::uint64_t total = 0, done = 0;
};

struct Build {
  std::string phase;
  Clock::time_point since = Clock::now();
};

std::string_view word_for(TransferKind kind) {
  return kind == TransferKind::page ? "page" : kind == TransferKind::metadata ? "metadata" : "wheel";
}

// "3.1 of 16.0 MB", as far as it is known.
std::string amount_text(const Transfer& transfer) {
  return transfer.total == 0 ? cat(megabytes(transfer.done), " MB")
                             : cat(megabytes(transfer.done), " of ", megabytes(transfer.total), " MB");
}

std::string bar_text(const Transfer& transfer, std::size_t width) {
  if (transfer.total == 0) return std::string(width + 2, ' ');
  const auto filled = static_cast<std::size_t>(width * std::min(transfer.done, transfer.total) / transfer.total);
  return cat("[", std::string(filled, '#'), std::string(width - filled, '.'), "]");
}

std::string padded(std::string text, std::size_t columns) {
  const auto used = most_columns(text);
  if (used < columns) text.append(columns - used, ' ');
  return text;
}

// How much arrives in a second, of the last few of them.
class Rate {
 public:
  void note(std::uint64_t bytes, Clock::time_point now) {
    if (last_ == Clock::time_point()) return begin(bytes, now);
    const auto seconds = std::chrono::duration<double>(now - last_).count();
    if (seconds < 0.2) return;
    const double measured = static_cast<double>(bytes - std::min(bytes, bytes_)) / seconds;
    const double weight = per_second_ == 0 ? 1 : std::min(1.0, seconds / 2);
    per_second_ += (measured - per_second_) * weight;
    last_ = now;
    bytes_ = bytes;
  }
  void begin(std::uint64_t bytes, Clock::time_point now) {
    last_ = now;
    bytes_ = bytes;
    per_second_ = 0;
  }
  std::uint64_t per_second() const { return static_cast<std::uint64_t>(per_second_); }

 private:
  Clock::time_point last_{};
  std::uint64_t bytes_ = 0;
  double per_second_ = 0;
};

}  // namespace

struct TerminalReporter::State final : LiveOutput {
  explicit State(ProgressOptions given) : options(given) {
    if (options.bars) set_live_output(this);
  }
  ~State() override {
    stop_ticker();
    if (options.bars) set_live_output(nullptr);
    clear_area();
  }

  ProgressOptions options;
  Clock::time_point start = Clock::now();
  std::mutex mutex;  // guards all below
  std::set<std::string> warned;
  std::map<std::uint64_t, Transfer> transfers;  // wheels under way
  std::map<std::string, Build> builds;          // by what is built
  std::uint64_t finished_bytes = 0, finished_count = 0;
  Rate rate;
  std::string phase, item;
  std::uint64_t step_done = 0, step_total = 0;
  Clock::time_point drawn{}, told{}, work_since{};
  LiveArea area;
  bool is_quiet = false;  // something else was written: nothing is drawn below it before more is heard
  std::condition_variable wake;
  bool is_ending = false;
  std::thread ticker;  // only while something may be shown

  void clear() override {
    const std::lock_guard lock(mutex);
    clear_area();
    is_quiet = true;
  }

  void clear_area() {
    if (area.is_shown()) err_live(area.clear());
  }

  void line(const Text& text) {
    clear_area();
    err_live(Text(text, "\n").str());
  }

  void event(const json::Json& value) { err_json(value); }

  // One line, with no secret that its maker would not have shown on a terminal either.
  void log(std::string_view kind, const std::string& message) {
    if (options.log == nullptr) return;
    const auto seconds = std::chrono::duration<double>(Clock::now() - start).count();
    *options.log << std::fixed << std::setprecision(3) << seconds << ' ' << kind << ' ' << printable(message) << '\n';
    options.log->flush();
  }

  // ---- what is under way, as text

  std::uint64_t bytes_done() const {
    std::uint64_t done = finished_bytes;
    for (const auto& [id, transfer] : transfers) done += transfer.done;
    return done;
  }

  // "Downloading 2 of 5 files, 12.4 of 40.0 MB, 8.1 MB/s": those of which the size is known.
  Text transfers_text() {
    std::uint64_t total = finished_bytes;
    for (const auto& [id, transfer] : transfers) total += std::max(transfer.total, transfer.done);
    const auto done = bytes_done();
    rate.note(done, Clock::now());
    const auto count = finished_count + transfers.size();
    return Text("Downloading ", finished_count + 1, " of ", count, count == 1 ? " file, " : " files, ", megabytes(done),
                " of ", megabytes(total), " MB, ", megabytes(rate.per_second()), " MB/s");
  }

  static Text transfer_text(const Transfer& transfer, std::size_t width) {
    constexpr std::size_t kBar = 20, kRoomForBar = 70, kLongestName = 44, kShortestName = 8;
    const auto amount = amount_text(transfer);
    const auto bar = width < kRoomForBar ? std::string() : cat(bar_text(transfer, kBar), " ");
    const auto taken = 3 + bar.size() + amount.size();
    const auto room = std::clamp(width - std::min(width, taken), kShortestName, kLongestName);
    return Text("  ", padded(cut_to_columns(Text(transfer.name).str(), room), room), " ", bar, amount);
  }

  static Text build_text(const std::string& what, const Build& build) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - build.since).count();
    Text text(build.phase, " ", what);
    if (seconds > 0) append(text, ", ", seconds, " s");
    return text;
  }

  Text step_text() const {
    Text text(phase);
    if (step_total > 0) append(text, " ", step_done, "/", step_total);
    if (!item.empty()) append(text, step_total > 0 ? " " : ": ", item);
    return text;
  }

  std::vector<Text> live_lines(std::size_t width) {
    std::vector<Text> lines;
    if (!transfers.empty()) lines.push_back(transfers_text());
    for (const auto& [id, transfer] : transfers) lines.push_back(transfer_text(transfer, width));
    for (const auto& [what, build] : builds) lines.push_back(build_text(what, build));
    if (lines.empty() && !phase.empty()) lines.push_back(step_text());
    return lines;
  }

  // ---- when it is shown

  void redraw() {
    if (!options.bars || is_quiet) return;
    const auto now = Clock::now();
    if (now - drawn < kRedrawEvery) return;
    drawn = now;
    const auto size = terminal_size(Stream::err);
    err_live(area.draw(live_lines(LiveArea::width(size)), size));
  }

  // Nothing of what ends soon.
  void tell_what_takes_long() {
    if (!options.lines || options.bars) return;
    const auto now = Clock::now();
    const auto gap = std::clamp<Clock::duration>(2 * (told - work_since), kLineAfter, kMostBetween);
    if (now - std::max(work_since, told) < gap) return;
    told = now;
    const auto tell = [&](const Text& text) { line(styled(Text(shortened(text.str())), Style::dim, Stream::err)); };
    if (transfers.size() == 1 && finished_count == 0)
      tell(Text("Downloading ", transfers.begin()->second.name, ": ", amount_text(transfers.begin()->second)));
    else if (!transfers.empty())
      tell(transfers_text());
    for (const auto& [what, build] : builds) tell(build_text(what, build));
    if (transfers.empty() && builds.empty() && !phase.empty()) tell(step_text());
  }

  void show() {
    is_quiet = false;
    redraw();
    tell_what_takes_long();
  }

  // Work begins: what takes long is counted from here, where nothing was under way.
  void begin_work() {
    if (transfers.empty() && builds.empty() && phase.empty()) work_since = Clock::now();
    if (options.json_events || (!options.bars && !options.lines) || ticker.joinable()) return;
    ticker = std::thread([this] { tick(); });
  }

  void end_work() {
    if (!transfers.empty() || !builds.empty()) return;
    phase.clear();
    clear_area();
  }

  void tick() {
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, kTickEvery, [this] { return is_ending; })) {
      redraw();
      tell_what_takes_long();
    }
  }

  void stop_ticker() {
    {
      const std::lock_guard lock(mutex);
      is_ending = true;
    }
    wake.notify_all();
    if (ticker.joinable()) ticker.join();
  }
};

TerminalReporter::TerminalReporter(ProgressOptions options) : state_(std::make_unique<State>(options)) {}

TerminalReporter::~TerminalReporter() = default;

void TerminalReporter::warning(const std::string& message) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->warned.insert(message).second) return;
  state_->log("warning", message);
  if (!state_->options.warnings) return;
  if (state_->options.json_events) return state_->event({{"event", "warning"}, {"message", message}});
  state_->line(Text(styled("warning:", Style::yellow, Stream::err), " ", shortened(message)));
}

void TerminalReporter::notice(const std::string& message) {
  const std::lock_guard lock(state_->mutex);
  state_->log("notice", message);
  if (!state_->options.notices) return;
  if (state_->options.json_events) return state_->event({{"event", "notice"}, {"message", message}});
  state_->line(Text(shortened(message)));
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
  state_->begin_work();
  if (state_->transfers.empty()) state_->rate.begin(state_->finished_bytes, Clock::now());
  state_->transfers[id] = {name, total_bytes, 0};
  state_->show();
}

void TerminalReporter::transfer_progress(std::uint64_t id, std::uint64_t done_bytes) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->transfers.find(id);
  if (found == state_->transfers.end()) return;
  found->second.done = done_bytes;
  if (state_->options.json_events) state_->event({{"event", "transfer-progress"}, {"id", id}, {"bytes", done_bytes}});
  state_->show();
}

void TerminalReporter::transfer_finished(std::uint64_t id) {
  const std::lock_guard lock(state_->mutex);
  if (state_->options.json_events) state_->event({{"event", "transfer-finished"}, {"id", id}});
  const auto found = state_->transfers.find(id);
  if (found == state_->transfers.end()) return;
  state_->finished_bytes += found->second.done;
  ++state_->finished_count;
  state_->transfers.erase(found);
  state_->end_work();
}

void TerminalReporter::step(const std::string& phase, const std::string& item, std::uint64_t done,
                            std::uint64_t total) {
  const std::lock_guard lock(state_->mutex);
  if (state_->options.json_events)
    return state_->event({{"event", "step"}, {"phase", phase}, {"item", item}, {"done", done}, {"total", total}});
  if (phase == ops::kBuildEnded) {
    state_->builds.erase(item);
    return state_->end_work();
  }
  state_->begin_work();
  if (ops::is_build_phase(phase)) {
    state_->builds[item].phase = phase;
  } else {
    state_->phase = phase;
    state_->item = item;
    state_->step_done = done;
    state_->step_total = total;
  }
  state_->show();
}

}  // namespace pkg::cli
