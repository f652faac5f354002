// A tool is one link, `NAME`, to a folder that has everything: environment, lock, receipt. Whatever changes a tool
// makes another folder beside the old one, and when it is complete renames a link over `NAME`. That is the one moment
// at which the tool changes; before it a killed command left a folder that nobody leads to, after it a folder of the
// old tool.
//
// Two things cannot be part of that rename: links among the user's programs, for programs that are new or gone. So the
// new folder has a note, `links-pending`, from before the rename until its links are made; who finds it makes them. And
// a folder that no link leads to is removed together with the links of its tool that the tool has no more: which, say
// the links themselves (they lead through NAME) and the receipt. Removing a tool is removing the link NAME; its folder
// is then one that nobody leads to.
//
// Every change holds `.lock`, and first looks for what others left. A folder that nobody leads to is never one that is
// being made, because that happens below the lock.

#include "ops/tools/installed_tools.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <set>
#include <system_error>
#include <utility>

#include "base/fs_names.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/user_programs.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kPending = "links-pending";
constexpr std::string_view kForced = "force\n";
constexpr double kLockWaitSeconds = 300;
constexpr std::string_view kNewLink = ".new";  // ".NAME.new": a link on its way to be NAME

std::optional<stdfs::path> link_text(const stdfs::path& link) {
  std::error_code failed;
  auto text = stdfs::read_symlink(link, failed);
  if (failed) return std::nullopt;
  return text;
}

// Which tool a folder of .environments is of: "NAME-SUFFIX".
std::optional<pep::Name> tool_of(const stdfs::path& environment) {
  const auto name = environment.filename().native();
  const auto parsed = pep::Name::parse(name.substr(0, name.rfind('-')));
  return parsed ? std::optional(*parsed) : std::nullopt;
}

// Which tool a link among the user's programs leads through, when it is one of ours: HOME/NAME/….
std::optional<pep::Name> tool_behind(const stdfs::path& link, const ToolPlaces& places) {
  const auto text = link_text(link);
  if (!text) return std::nullopt;
  const auto below = text->lexically_normal().lexically_relative(places.home);
  if (below.empty() || *below.begin() == "..") return std::nullopt;
  const auto name = pep::Name::parse(below.begin()->native());
  return name ? std::optional(*name) : std::nullopt;
}

std::vector<stdfs::path> entries(const stdfs::path& folder) {
  std::vector<stdfs::path> paths;
  if (const auto names = fs::list_dir(folder))
    for (const auto& name : *names) paths.push_back(folder / name);
  return paths;
}

std::set<stdfs::path> links_of(const ToolPlaces& places, const pep::Name& name) {
  std::set<stdfs::path> links;
  const auto environment = tool_environment(places, name);
  const auto receipt = environment ? read_receipt(*environment) : Result<ToolReceipt>(Error{});
  if (receipt)
    for (const auto& program : receipt->programs) links.insert(program.link);
  return links;
}

Error in_the_way(const ToolProgram& program, const std::optional<pep::Name>& owner) {
  const auto link = quote(program.link.native());
  if (owner)
    return make_error(ErrorKind::conflict, cat(link, " belongs to the tool ", quote(owner->str()), " already"),
                      cat("pkg tool uninstall ", owner->str(), ", or --force to replace it"));
  return make_error(ErrorKind::conflict, cat(link, " is there, and pkg did not make it"),
                    "remove it, or --force to replace it");
}

// A link as pkg makes it, or began to make it. Another name for a tool's program is the user's own.
bool is_as_made(const stdfs::path& link) {
  const auto text = link_text(link);
  return link.filename().native().starts_with('.') || (text && text->filename() == link.filename());
}

}  // namespace

std::optional<stdfs::path> tool_environment(const ToolPlaces& places, const pep::Name& name) {
  const auto text = link_text(places.tool(name));
  if (!text || text->is_absolute() || text->parent_path() != places.environments().filename()) return std::nullopt;
  return places.home / *text;
}

Result<std::vector<InstalledTool>> installed_tools(const ToolPlaces& places) {
  std::vector<InstalledTool> tools;
  if (!fs::exists(places.home)) return tools;
  PKG_TRY_ASSIGN(const auto names, fs::list_dir(places.home));
  for (const auto& text : names) {
    const auto name = pep::Name::parse(text);
    if (!name || name->str() != text) continue;
    const auto environment = tool_environment(places, *name);
    if (!environment) continue;
    auto receipt = read_receipt(*environment);
    if (receipt && receipt->name != *name)
      receipt = make_error(ErrorKind::bad_data,
                           cat(quote(environment->native()), " holds another tool, ", quote(receipt->name.str())));
    std::error_code failed;
    const bool has_python = stdfs::exists(*environment / "bin/python", failed);
    tools.push_back({*name, places.tool(*name), std::move(receipt), has_python});
  }
  return tools;
}

Result<ToolChange> ToolChange::begin(ToolPlaces places, Session& session) {
  PKG_TRY(fs::make_dirs(places.environments()));
  auto lock = fs::FileLock::acquire(places.lock(), fs::LockMode::exclusive, 0);
  if (!lock && lock.error().kind == ErrorKind::busy) {
    session.reporter().note("waiting for another command that changes tools");
    lock = fs::FileLock::acquire(places.lock(), fs::LockMode::exclusive, kLockWaitSeconds);
  }
  if (!lock) return std::move(lock).error();
  ToolChange change(std::move(places), std::move(lock).value(), session.reporter());
  change.settle_or_warn();
  return change;
}

stdfs::path ToolChange::new_environment(const pep::Name& name) const {
  return places_.environments() / cat(name.str(), "-", replace_all(fs::unique_suffix(), "-", "."));
}

Status ToolChange::point(const pep::Name& name, const stdfs::path& environment) const {
  const auto link = places_.tool(name);
  struct stat st {};
  if (::lstat(link.c_str(), &st) == 0 && !S_ISLNK(st.st_mode))
    return make_error(ErrorKind::conflict, cat(quote(link.native()), " is no link, expected one of pkg's"),
                      "move it away");
  const auto beside = places_.home / cat(".", name.str(), kNewLink);
  const auto text = environment.lexically_relative(places_.home);
  ::unlink(beside.c_str());
  if (::symlink(text.c_str(), beside.c_str()) != 0) return fs::errno_error("cannot make", beside, errno);
  if (::rename(beside.c_str(), link.c_str()) == 0) return ok_status();
  const int failure = errno;
  ::unlink(beside.c_str());
  return fs::errno_error("cannot make", link, failure);
}

Status ToolChange::check_links(const ToolReceipt& receipt) const {
  for (const auto& program : receipt.programs) {
    const auto holder = user_programs::holder(program.link, places_.home);
    if (holder == user_programs::Holder::nobody) continue;
    if (holder == user_programs::Holder::foreign) return in_the_way(program, std::nullopt);
    const auto owner = tool_behind(program.link, places_);
    if (owner && *owner != receipt.name && tool_environment(places_, *owner)) return in_the_way(program, owner);
  }
  return ok_status();
}

// Links that the environment's note says are missing. The note goes last.
Status ToolChange::finish_links(const pep::Name& name, const stdfs::path& environment) const {
  const auto note = fs::read_file_at_most(environment / kPending, limits::kOneLine);
  if (!note) return note.error().kind == ErrorKind::not_found ? ok_status() : Status(note.error());
  PKG_TRY_ASSIGN(const auto receipt, read_receipt(environment));
  for (const auto& program : receipt.programs)
    PKG_TRY(user_programs::place(program.link, places_.program(name, program.name), places_.home, *note == kForced));
  for (const auto& link : entries(places_.programs)) {  // of a command that was killed while it placed one
    if (link.filename().native().starts_with('.') && tool_behind(link, places_) == name)
      PKG_TRY(user_programs::remove(link, places_.home));
  }
  if (::unlink((environment / kPending).c_str()) != 0 && errno != ENOENT)
    return fs::errno_error("cannot remove", environment / kPending, errno);
  return ok_status();
}

// Of an environment that no tool has: it goes, and links that its tool has no more.
Status ToolChange::clear(const stdfs::path& environment) const {
  if (const auto name = tool_of(environment)) {
    const auto kept = links_of(places_, *name);
    auto links = entries(places_.programs);
    if (const auto receipt = read_receipt(environment))  // the user's programs may have been elsewhere then
      for (const auto& program : receipt->programs) links.push_back(program.link);
    for (const auto& link : links) {
      if (!kept.contains(link) && tool_behind(link, places_) == *name && is_as_made(link))
        PKG_TRY(user_programs::remove(link, places_.home));
    }
  }
  return fs::remove_tree(environment);
}

// Everything is tried, whatever does not work; the first error.
Status ToolChange::settle() const {
  Status first = ok_status();
  const auto keep = [&](Status done) {
    if (!done && first) first = std::move(done);
  };
  std::set<stdfs::path> used;
  for (const auto& path : entries(places_.home)) {
    const auto text = path.filename().native();
    if (text.starts_with('.') && text.ends_with(kNewLink) && link_text(path)) ::unlink(path.c_str());
    const auto name = pep::Name::parse(text);
    const auto environment = name && name->str() == text ? tool_environment(places_, *name) : std::nullopt;
    if (!environment) continue;
    used.insert(*environment);
    keep(finish_links(*name, *environment));
  }
  for (const auto& path : entries(places_.environments()))
    if (!used.contains(path)) keep(clear(path));
  return first;
}

// What does not work is no reason to refuse what was asked for: it is said, and tried again the next time.
void ToolChange::settle_or_warn() const {
  const auto done = settle();
  if (done) return;
  const auto& error = done.error();
  reporter_->warning(cat(error.message, error.hint.empty() ? "" : cat(" (", error.hint, ")")));
}

Status ToolChange::take(const ToolReceipt& receipt, const stdfs::path& environment, bool force) const {
  if (!force) PKG_TRY(check_links(receipt));
  PKG_TRY(fs::publish(environment / kReceiptName, write_receipt(receipt), fs::Durability::untorn));
  PKG_TRY(fs::publish(environment / kPending, force ? kForced : std::string_view("\n")));
  const auto before = tool_environment(places_, receipt.name);
  PKG_TRY(point(receipt.name, environment));
  const auto linked = finish_links(receipt.name, environment);
  if (!linked) {
    if (before)
      (void)point(receipt.name, *before);  // where that fails too, the note of the new one stays
    else
      ::unlink(places_.tool(receipt.name).c_str());
  }
  settle_or_warn();
  return linked;
}

Result<bool> ToolChange::remove(const pep::Name& name) const {
  if (!tool_environment(places_, name)) return false;
  if (::unlink(places_.tool(name).c_str()) != 0) return fs::errno_error("cannot remove", places_.tool(name), errno);
  PKG_TRY(settle());
  return true;
}

Error no_such_tool(const pep::Name& name, const ToolPlaces& places) {
  std::vector<std::string> names;
  if (const auto tools = installed_tools(places))
    for (const auto& tool : *tools) names.push_back(tool.name.str());
  const auto close = nearest(name.str(), names);
  return make_error(ErrorKind::not_found, cat("no tool ", quote(name.str()), " is installed"),
                    close ? cat("did you mean ", quote(*close), "?") : std::string("pkg tool list"));
}

Result<UninstallToolsReport> uninstall_tools(const std::vector<pep::Name>& names, Session& session) {
  UninstallToolsReport report;
  PKG_TRY_ASSIGN(const auto places, tool_places());
  if (!fs::exists(places.home)) {
    for (const auto& name : names) report.errors.push_back(no_such_tool(name, places));
    return report;
  }
  PKG_TRY_ASSIGN(const auto change, ToolChange::begin(places, session));
  auto doomed = names;
  if (doomed.empty()) {
    PKG_TRY_ASSIGN(const auto tools, installed_tools(places));
    for (const auto& tool : tools) doomed.push_back(tool.name);
  }
  for (const auto& name : doomed) {
    auto removed = change.remove(name);
    if (!removed)
      report.errors.push_back(std::move(removed).error());
    else if (*removed)
      report.removed.push_back(name);
    else
      report.errors.push_back(no_such_tool(name, places));
  }
  return report;
}

}  // namespace pkg::ops
