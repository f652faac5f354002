#include "cli/output/progress.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

#include "captured_output.h"
#include "cli/output/output.h"

using namespace pkg;
using cli::TerminalReporter;

namespace {

// What a reporter writes that is used like this.
template <class Use>
std::string reported(const cli::ProgressOptions& options, Use use, bool is_terminal = false) {
  test::CapturedOutput output(is_terminal);
  {
    TerminalReporter reporter(options);
    use(reporter);
  }
  return output.err();
}

void redraw_is_due() { std::this_thread::sleep_for(std::chrono::milliseconds(90)); }

}  // namespace

TEST_CASE("a warning is told once, and never when warnings are off") {
  const auto warn = [](Reporter& reporter) {
    reporter.warning("a");
    reporter.warning("b \x1b[0m");
    reporter.warning("a");
  };
  CHECK(reported({}, warn) == "warning: a\nwarning: b \\x1b[0m\n");
  CHECK(reported({.warnings = false}, warn).empty());
}

TEST_CASE("notes are told when they are asked for") {
  const auto note = [](Reporter& reporter) { reporter.note("looked"); };
  CHECK(reported({}, note).empty());
  CHECK(reported({.notes = true}, note) == "looked\n");
}

TEST_CASE("colours are for terminals") {
  cli::set_color("auto");
  const auto warn = [](Reporter& reporter) { reporter.warning("a"); };
  CHECK(reported({}, warn, true) == "\033[33mwarning:\033[0m a\n");
  CHECK(reported({}, warn) == "warning: a\n");
}

TEST_CASE("events are lines of JSON") {
  const auto text = reported({.notes = true, .json_events = true}, [](Reporter& reporter) {
    reporter.warning("w\n");
    reporter.note("n");
    reporter.transfer_started(1, TransferKind::wheel, "a.whl", 10);
    reporter.transfer_progress(1, 5);
    reporter.transfer_finished(1);
    reporter.transfer_started(2, TransferKind::page, "a", 0);
    reporter.transfer_progress(2, 5);
    reporter.transfer_started(3, TransferKind::metadata, "a.metadata", 0);
    reporter.step("Installing", "a", 1, 2);
  });
  CHECK(text ==
        "{\"event\":\"warning\",\"message\":\"w\\n\"}\n"
        "{\"event\":\"note\",\"message\":\"n\"}\n"
        "{\"event\":\"transfer-started\",\"id\":1,\"kind\":\"wheel\",\"name\":\"a.whl\",\"bytes\":10}\n"
        "{\"event\":\"transfer-progress\",\"id\":1,\"bytes\":5}\n"
        "{\"event\":\"transfer-finished\",\"id\":1}\n"
        "{\"event\":\"transfer-started\",\"id\":2,\"kind\":\"page\",\"name\":\"a\",\"bytes\":0}\n"
        "{\"event\":\"transfer-started\",\"id\":3,\"kind\":\"metadata\",\"name\":\"a.metadata\",\"bytes\":0}\n"
        "{\"event\":\"step\",\"phase\":\"Installing\",\"item\":\"a\",\"done\":1,\"total\":2}\n");
}

TEST_CASE("a live line shows counted work, and is gone before a warning and at the end") {
  const auto text = reported({.bars = true}, [](Reporter& reporter) {
    reporter.step("Resolving", "a", 0, 0);
    reporter.step("Resolving", "not yet", 0, 0);  // too early to draw again
    reporter.warning("w");
    redraw_is_due();
    reporter.step("Installing", std::string(200, 'x'), 1, 2);
  });
  CHECK(text == "Resolving: a\033[K\r\033[Jwarning: w\nInstalling 1/2 " + std::string(61, 'x') + "…\033[K\r\033[J");
}

TEST_CASE("each transfer of a wheel has a line with what is known of its size") {
  const auto text = reported({.bars = true}, [](Reporter& reporter) {
    reporter.transfer_started(1, TransferKind::wheel, "a.whl", 4'000'000);
    reporter.transfer_started(2, TransferKind::wheel, "b.whl", 0);
    redraw_is_due();
    reporter.transfer_progress(1, 1'000'000);
    reporter.transfer_progress(9, 1);  // nobody announced it
    redraw_is_due();
    reporter.transfer_finished(1);
    reporter.transfer_progress(2, 300'000);
    reporter.transfer_finished(2);
    reporter.transfer_finished(2);
  });
  CHECK(text.starts_with("Downloading 1 of 1 file, 0.0 of 4.0 MB, 0.0 MB/s\033[K\r\n"));
  CHECK(text.find("Downloading 1 of 2 files, 1.0 of 4.0 MB, ") != std::string::npos);
  CHECK(text.find(" [#####...............] 1.0 of 4.0 MB\033[K\r\n") != std::string::npos);
  CHECK(text.find("Downloading 2 of 2 files, ") != std::string::npos);
  CHECK(text.find("  0.3 MB\033[K") != std::string::npos);
  CHECK(text.ends_with("\r\033[1A\033[J"));
}

TEST_CASE("each build has a line with its phase, until it ends") {
  const auto text = reported({.bars = true}, [](Reporter& reporter) {
    reporter.step("Preparing to build", "a 1.0", 0, 0);
    redraw_is_due();
    reporter.step("Building", "b 2.0", 0, 0);
    redraw_is_due();
    reporter.step("Reading the metadata of", "a 1.0", 0, 0);
    reporter.step("Done with", "b 2.0", 0, 0);
    reporter.step("Done with", "a 1.0", 0, 0);
    reporter.step("Done with", "a 1.0", 0, 0);
  });
  CHECK(text.starts_with("Preparing to build a 1.0\033[K"));
  CHECK(text.find("Preparing to build a 1.0\033[K\r\nBuilding b 2.0\033[K") != std::string::npos);
  CHECK(text.find("Reading the metadata of a 1.0\033[K\r\nBuilding b 2.0\033[K") != std::string::npos);
  CHECK(text.ends_with("\r\033[1A\033[J"));
}

TEST_CASE("what is drawn is gone before anything else is written, and comes back with the next event only") {
  test::CapturedOutput output(true);
  TerminalReporter reporter({.bars = true});
  reporter.step("Resolving", "a", 0, 0);
  cli::out("data\n");
  CHECK(output.out() == "data\n");
  cli::err("done\n");
  CHECK(output.err() == "Resolving: a\033[K\r\033[Jdone\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the clock alone draws nothing below
  CHECK(output.err() == "Resolving: a\033[K\r\033[Jdone\n");
  reporter.step("Resolving", "b", 0, 0);
  CHECK(output.err().ends_with("done\nResolving: b\033[K"));
}

TEST_CASE("where there is no terminal, what takes longer than three seconds says so in a line") {
  const auto text = reported({.lines = true}, [](Reporter& reporter) {
    reporter.step("Building", "slow 1.0", 0, 0);
    reporter.transfer_started(1, TransferKind::wheel, "quick.whl", 10);
    reporter.transfer_finished(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(3400));
    reporter.step("Done with", "slow 1.0", 0, 0);
  });
  CHECK(text == "Building slow 1.0, 3 s\n");
  CHECK(reported({.lines = true}, [](Reporter& reporter) { reporter.step("Resolving", "a", 0, 0); }).empty());
}
