#include "index/vcs/other_tools.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/text.h"
#include "base/url.h"
#include "index/vcs/tool.h"

namespace pkg::index::vcs {
namespace {

constexpr std::string_view kQuietSsh = "ssh -oBatchMode=yes";

// A call with all but its arguments, and what must live as long as it runs.
struct Prepared {
  Address address;
  ToolCall call;
  std::vector<MemoryFile> files;
};

std::string variable(const Variables& variables, std::string_view name) {
  const auto found =
      std::find_if(variables.begin(), variables.end(), [&](const auto& one) { return one.first == name; });
  return found == variables.end() ? std::string() : found->second;
}

// A proxy with credentials as a section of an hgrc: in the environment others could see them.
Result<std::string> hg_proxy(std::string_view scheme) {
  const auto text = process::proxy_with_credentials(scheme);
  if (text.empty()) return std::string();
  PKG_TRY_ASSIGN(const auto proxy,
                 url::Url::parse(text.find("://") == std::string::npos ? cat("http://", text) : text));
  PKG_TRY(process::check_argument(proxy.user, "the user name of a proxy"));
  if (has_control(proxy.password))
    return make_error(ErrorKind::bad_data, "the password of a proxy has control characters");
  const auto port = proxy.port < 0 ? std::string() : cat(":", proxy.port);
  return cat("[http_proxy]\nhost = ", proxy.host, port, "\nuser = ", proxy.user, "\npasswd = ", proxy.password, "\n");
}

std::string hg_credentials(const Address& address) {
  if (!address.has_credentials()) return {};
  const auto prefix = address.host_url.substr(address.host_url.find("://") + 3);
  return cat("[auth]\npkg.prefix = ", prefix, "\npkg.schemes = ", address.scheme, "\npkg.username = ", address.user,
             "\npkg.password = ", address.password, "\n");
}

// An hgrc that is read beside the user's own.
Status add_hg_file(Prepared& prepared, const std::string& text) {
  PKG_TRY_ASSIGN(auto file, MemoryFile::create(text));
  const auto home = variable(prepared.call.environment, "HOME");
  const auto own = variable(prepared.call.environment, "HGRCPATH");
  const auto others = !own.empty() ? own : cat("/etc/mercurial/hgrc:", home, "/.hgrc:", home, "/.config/hg/hgrc");
  prepared.call.environment.emplace_back("HGRCPATH", cat(others, ":", file.path()));
  prepared.call.kept.push_back(file.descriptor());
  prepared.files.push_back(std::move(file));
  return ok_status();
}

Status prepare_hg(Prepared& prepared) {
  prepared.call.tool = "hg";
  prepared.call.debian_package = "mercurial";
  prepared.call.environment.emplace_back("HGPLAIN", "1");
  prepared.call.arguments = {"--noninteractive",           "--config", cat("ui.ssh=", kQuietSsh),   "--config",
                             "subrepos.git:allowed=false", "--config", "subrepos.svn:allowed=false"};
  PKG_TRY_ASSIGN(const auto proxy, hg_proxy(prepared.address.scheme));
  const auto text = cat(hg_credentials(prepared.address), proxy);
  return text.empty() ? ok_status() : add_hg_file(prepared, text);
}

Status prepare_svn(Prepared& prepared) {
  auto& call = prepared.call;
  call.tool = "svn";
  call.debian_package = "subversion";
  if (variable(call.environment, "SVN_SSH").empty()) call.environment.emplace_back("SVN_SSH", kQuietSsh);
  if (prepared.address.scheme == "ssh") prepared.address.url = cat("svn+", prepared.address.url);
  call.arguments = {"--non-interactive", "--no-auth-cache"};
  if (!prepared.address.user.empty())
    call.arguments.insert(call.arguments.end(), {"--username", prepared.address.user});
  if (prepared.address.password.empty()) return ok_status();
  call.arguments.emplace_back("--password-from-stdin");
  call.input = prepared.address.password;
  return ok_status();
}

Status prepare_bzr(Prepared& prepared) {
  auto& call = prepared.call;
  const bool is_old = !process::find_program("brz") && process::find_program("bzr");
  call.tool = is_old ? "bzr" : "brz";
  call.debian_package = "brz";
  call.environment.emplace_back("BZR_SSH", "openssh");
  if (prepared.address.scheme == "ssh") prepared.address.url = cat("bzr+", prepared.address.url);
  if (!prepared.address.has_credentials()) return ok_status();
  return make_error(
      ErrorKind::unsupported,
      cat("credentials in the URL ", quote(prepared.address.url), " cannot be handed to ", call.tool, " in secret"),
      "put them into Breezy's authentication.conf, and leave them out of the URL");
}

Result<Prepared> prepare(const pep::SourceUrl& source, std::string_view doing, const fs::Path& folder) {
  PKG_TRY(process::check_argument(source.revision, "the revision"));
  PKG_TRY(fs::make_dirs(folder));
  Prepared prepared;
  prepared.call.directory = folder;
  if (source.url.starts_with("lp:")) {
    prepared.address.url = source.url;
    prepared.address.scheme = "lp";
  } else {
    PKG_TRY_ASSIGN(prepared.address, address_of(source.url));
  }
  prepared.call.environment = vcs_environment();
  prepared.call.doing = cat(doing, " ", quote(prepared.address.url));
  prepared.call.secrets = {prepared.address.password, url::percent_encode_path(prepared.address.password)};
  if (source.vcs == "hg") PKG_TRY(prepare_hg(prepared));
  if (source.vcs == "svn") PKG_TRY(prepare_svn(prepared));
  if (source.vcs == "bzr") PKG_TRY(prepare_bzr(prepared));
  return prepared;
}

Result<std::string> run(Prepared& prepared, std::vector<std::string> arguments, const CancelToken& cancel) {
  auto call = prepared.call;
  call.arguments.insert(call.arguments.begin(), arguments.front());  // the sub-command goes first for all three
  call.arguments.insert(call.arguments.end(), arguments.begin() + 1, arguments.end());
  return tool_output(call, cancel);
}

// An '@' in a Subversion URL begins a peg revision; one at the end says that there is none.
std::string without_peg(const std::string& url) { return cat(url, "@"); }

}  // namespace

Result<std::string> commit_of_other(const pep::SourceUrl& source, const fs::Path& folder, const CancelToken& cancel) {
  PKG_TRY_ASSIGN(auto prepared, prepare(source, "asking for the revision of", folder));
  const auto& url = prepared.address.url;
  std::vector<std::string> arguments;
  if (source.vcs == "hg") {
    arguments = {"identify", "--id", "--debug", cat("--rev=", source.revision.empty() ? "default" : source.revision),
                 "--",       url};
  } else if (source.vcs == "svn") {
    arguments = {"info",
                 "--show-item",
                 "last-changed-revision",
                 "--revision",
                 source.revision.empty() ? "HEAD" : source.revision,
                 "--",
                 without_peg(url)};
  } else {
    arguments = {"revno"};
    if (!source.revision.empty()) arguments.push_back(cat("--revision=", source.revision));
    arguments.insert(arguments.end(), {"--", url});
  }
  auto output = run(prepared, std::move(arguments), cancel);
  if (!output) return std::move(output).error();
  const auto id = trim(*output);
  const bool is_id =
      !id.empty() && std::all_of(id.begin(), id.end(), [](char c) { return is_ascii_alnum(c) || c == '.'; });
  if (is_id) return std::string(id);
  return make_error(ErrorKind::not_found, cat(prepared.call.tool, " names no revision of ", quote(url)));
}

Status checkout_other(const pep::SourceUrl& source, const fs::Path& into, const fs::Path& folder,
                      const CancelToken& cancel) {
  PKG_TRY_ASSIGN(auto prepared, prepare(source, "fetching", folder));
  const auto& url = prepared.address.url;
  if (source.vcs == "hg") {
    PKG_TRY(run(prepared, {"clone", "--quiet", "--noupdate", "--", url, into.native()}, cancel));
    PKG_TRY(run(prepared, {"update", "--quiet", cat("--repository=", into.native()), cat("--rev=", source.revision)},
                cancel));
  } else if (source.vcs == "svn") {
    PKG_TRY(run(prepared, {"checkout", "--quiet", "--revision", source.revision, "--", without_peg(url), into.native()},
                cancel));
  } else {
    PKG_TRY(
        run(prepared,
            {"branch", "--quiet", "--use-existing-dir", cat("--revision=", source.revision), "--", url, into.native()},
            cancel));
  }
  return ok_status();
}

}  // namespace pkg::index::vcs
