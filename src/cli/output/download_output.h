#pragma once
// What download and wheel share on the command line: their common options, and the text of their outcome.

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "ops/bundle/download.h"

namespace pkg::cli {

// REQUIREMENT …, -r, -c, --only-deps, --python, --report and the like; not those of the resolver and the index.
void add_download_options(OptionParser& parser, ops::DownloadOptions& options, std::string& report_file);
// --platform, --python-version, --implementation, --abi.
void add_other_target_options(OptionParser& parser, ops::OtherTarget& other, const std::string& title);
// usage: nothing was named.
Status check_download_options(const ops::DownloadOptions& options, std::string_view verb);

// Text, --json or pip's report; returns the exit code. Errors: those of write_pip_report.
Result<int> print_download(const ops::DownloadReport& report, std::string_view verb, const std::string& report_file,
                           bool dry_run, CommandContext& context);

}  // namespace pkg::cli
