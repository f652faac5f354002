#include "index/vcs/tool.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/os.h"
#include "base/text.h"
#include "base/url.h"

namespace pkg::index::vcs {
namespace {

constexpr double kLongestRun = 3600;  // seconds
constexpr std::size_t kShownLines = 4;

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  for (const auto& secret : secrets)
    if (!secret.empty()) text = replace_all(text, secret, "****");
  return text;
}

}  // namespace

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<Address> address_of(const std::string& text) {
  Address address;
  PKG_TRY_ASSIGN(auto url, url::Url::parse(text));
  address.scheme = url.scheme;
  const bool is_ssh = url.scheme == "ssh" || url.scheme == "sftp";
  if (!is_ssh) address.user = url.user;
  address.password = url.password;
  PKG_TRY(process::check_argument(url.user, "the user name of a URL"));
  PKG_TRY(process::check_argument(url::percent_decode(url.host), "the host of a URL"));  // as git reads it
  if (has_control(address.password))
    return make_error(ErrorKind::bad_data,
                      cat("the credentials in ", quote(url::redact(text)), " have control characters"));
  url.has_password = false;
  url.has_user = url.has_user && is_ssh;
  address.url = url.to_string();
  url.has_user = false;
  url.path = "";
  url.has_query = url.has_fragment = false;
  address.host_url = url.to_string();
  return address;
}

Result<MemoryFile> MemoryFile::create(const std::string& content) {
  fs::Fd fd(os::memory_file("pkg"));
  if (!fd) return fs::errno_error("cannot make", "a file in memory", errno);
  PKG_TRY(fs::write_all(fd.get(), content, "a file in memory"));
  auto path = cat("/dev/fd/", fd.get());
  return MemoryFile(std::move(fd), std::move(path));
}

Variables vcs_environment() {
  auto variables = process::tool_environment(
      {// how to connect; the other variables of git name repositories, files and editors
       "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY",
       "GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_PROXY_SSL_CAINFO", "GIT_PROXY_COMMAND", "GIT_LFS_SKIP_SMUDGE",
       "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "HGRCPATH", "SVN_SSH", "BZR_HOME", "BRZ_HOME",
       "BZR_SSH", "BRZ_SSH",
       // what the user's own credential helpers ask: those of forges and clouds
       "GH_*", "GITHUB_TOKEN", "GITLAB_*", "GLAB_*", "GCM_*", "AWS_*", "AZURE_*", "CLOUDSDK_*",
       "GOOGLE_APPLICATION_CREDENTIALS"});
  for (const auto* name : {"GIT_ASKPASS", "SSH_ASKPASS"}) variables.emplace_back(name, "");
  variables.emplace_back("SSH_ASKPASS_REQUIRE", "never");
  variables.emplace_back("GIT_TERMINAL_PROMPT", "0");
  variables.emplace_back("GIT_NO_LAZY_FETCH", "1");
  variables.emplace_back("HGRCSKIPREPO", "1");
  variables.emplace_back("LC_ALL", "C.UTF-8");
  return variables;
}

Result<std::string> find_tool(const std::string& tool, const std::string& debian_package) {
  if (const auto path = process::find_program(tool)) return path->native();
  return make_error(ErrorKind::not_found, cat("the program ", quote(tool), " is not installed"),
                    cat("it is needed for sources of this kind; on Debian and Ubuntu: apt install ", debian_package));
}

Result<process::Output> run_tool(const ToolCall& call, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(auto program,
                 find_tool(call.tool, call.debian_package).with([&] { return cat("while ", call.doing); }));
  process::Command command;
  command.argv.push_back(std::move(program));
  command.argv.insert(command.argv.end(), call.arguments.begin(), call.arguments.end());
  command.environment = call.environment;
  command.directory = call.directory;
  command.kept = call.kept;
  command.input = call.input;
  command.timeout_s = kLongestRun;
  command.is_cancelled = [&cancel] { return cancel.is_cancelled(); };
  PKG_TRY_ASSIGN(auto output, process::run(command));
  if (cancel.is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  return output;
}

std::optional<std::string> ask_checkout(const std::filesystem::path& root, std::vector<std::string> words) {
  process::Command command;
  command.argv = {"git", "-c",         "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat",
                  "-C",  root.native()};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.environment = vcs_environment();
  command.environment->emplace_back("GIT_ALLOW_PROTOCOL", "none");
  command.environment->emplace_back("GIT_CEILING_DIRECTORIES", root.parent_path().native());
  command.environment->emplace_back("GIT_OPTIONAL_LOCKS", "0");
  command.directory = "/";
  command.timeout_s = 30;
  const auto done = process::run(command);
  if (!done || done->exit_code != 0) return std::nullopt;
  auto text = std::string(trim(done->out));
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

Error tool_failed(const ToolCall& call, const process::Output& output) {
  const auto text = without_secrets(output.err, call.secrets);
  std::vector<std::string> lines;
  for (const auto line : split_lines(text))
    if (!trim(line).empty()) lines.push_back(printable(trim(line).substr(0, 500)));
  const auto why = output.timed_out ? cat("took longer than ", static_cast<long>(kLongestRun), " seconds")
                                    : cat("failed with status ", output.exit_code);
  auto error = make_error(ErrorKind::network, cat(call.tool, " ", why, " while ", call.doing));
  const auto skipped = lines.size() > kShownLines ? lines.size() - kShownLines : 0;
  // Innermost first is how contexts are shown: the tool's lines stay in their order.
  for (std::size_t i = skipped; i < lines.size(); ++i)
    error = std::move(error).with(cat(call.tool, " said: ", lines[i]));
  return error;
}

Result<std::string> tool_output(const ToolCall& call, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(auto output, run_tool(call, cancel));
  if (output.exit_code != 0 || output.timed_out) return tool_failed(call, output);
  return std::move(output.out);
}

}  // namespace pkg::index::vcs
