#pragma once
// The command-line tool of a version control system, run so that it asks nobody anything, finds no repository but the
// named one, and shows no secret: credentials of a URL and of proxies reach it through a nameless file in memory, never
// by its arguments or its environment. It never runs in the working folder, which may be a checkout with settings of
// its own.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/foreign_tool.h"
#include "base/fs.h"
#include "base/process.h"
#include "base/result.h"
#include "base/tasks.h"

namespace pkg::index::vcs {

// A URL without its credentials, and these. ssh keeps its user, which is no secret.
struct Address {
  std::string url;
  std::string scheme, host_url;  // "https", "https://host:8080"
  std::string user, password;    // decoded; empty: none
  bool has_credentials() const { return !user.empty() || !password.empty(); }
};
// bad_data: a user or host that a program would take for an option; credentials that no file format carries (control
// characters).
Result<Address> address_of(const std::string& url);
bool has_control(std::string_view text);

// A text that children which keep its descriptor (ToolCall::kept) read by path, and their children; nobody else finds
// it. It is gone with the object. io: it cannot be made.
class MemoryFile {
 public:
  static Result<MemoryFile> create(const std::string& content);
  const std::string& path() const { return path_; }
  int descriptor() const { return fd_.get(); }

 private:
  MemoryFile(fs::Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  fs::Fd fd_;
  std::string path_;
};

// The environment for such tools: what process::tool_environment has and what is for them, without what points git at
// other repositories or lets a program ask; English messages.
Variables vcs_environment();

struct ToolCall {
  std::string tool;            // "git": looked up in PATH
  std::string debian_package;  // that has it
  std::vector<std::string> arguments;
  Variables environment;
  std::filesystem::path directory;  // absolute, never empty
  std::vector<int> kept;            // descriptors
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
// What git says of a checkout of the user's by such words as "rev-parse HEAD": nullopt when it fails or says nothing.
// Nothing that the checkout's own configuration names is run.
std::optional<std::string> ask_checkout(const std::filesystem::path& root, std::vector<std::string> words);
Error tool_failed(const ToolCall& call, const process::Output& output);

}  // namespace pkg::index::vcs
