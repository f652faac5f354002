#pragma once
// The command-line tool of a version control system, run so that it asks nobody anything, finds no repository but the named one, and shows
// no secret: credentials of a URL reach it through a nameless file in memory, never by its arguments or its environment.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "base/tasks.h"

namespace pkg::index::vcs {

using Variables = std::vector<std::pair<std::string, std::string>>;

// A URL without its credentials, and these. ssh keeps its user, which is no secret.
struct Address {
  std::string url;
  std::string scheme, host_url;  // "https", "https://host:8080"
  std::string user, password;    // decoded; empty: none
  bool has_credentials() const { return !user.empty() || !password.empty(); }
};
// bad_data: credentials that no file format carries (control characters).
Result<Address> address_of(const std::string& url);

// A text that child processes can read by path, and that is gone with the object.
class MemoryFile {
 public:
  static Result<MemoryFile> create(const std::string& content);
  const std::string& path() const { return path_; }

 private:
  MemoryFile(fs::Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  fs::Fd fd_;
  std::string path_;
};

// The environment for such tools: ours without what points git at other repositories or lets a program ask; English messages.
Variables tool_environment();

struct ToolCall {
  std::string tool;            // "git": looked up in PATH
  std::string debian_package;  // that has it
  std::vector<std::string> arguments;
  Variables environment;
  std::filesystem::path directory;
  std::string input;
  std::string doing;                 // for messages: "fetching `https://…`"
  std::vector<std::string> secrets;  // never shown
};

// The program's path, or not_found naming the Debian package.
Result<std::string> find_tool(const std::string& tool, const std::string& debian_package);
// Runs it to its end; a failed one is no error here. Errors: not_found (no such tool) · interrupted · io.
Result<process::Output> run_tool(const ToolCall& call, const CancelToken& cancel);
// Its standard output. Errors also: network, with the last lines the tool said.
Result<std::string> tool_output(const ToolCall& call, const CancelToken& cancel);
Error tool_failed(const ToolCall& call, const process::Output& output);

}  // namespace pkg::index::vcs
