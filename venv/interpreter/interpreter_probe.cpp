// Running probe.py in an interpreter, and reading its answer.
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/process.h"
#include "base/text.h"
#include "venv/embedded.h"
#include "venv/interpreter/interpreter_facts.h"

namespace pkg::venv {
namespace {

constexpr double kProbeTimeout_s = 30;
constexpr std::string_view kAnswerMark = "pkg-probe:";

Error no_python(const std::filesystem::path& executable, std::string_view why) {
  return make_error(ErrorKind::bad_data,
                    cat(quote(executable.native()), " does not run as a Python interpreter: ", why));
}

Error too_old(std::string_view what) {
  return make_error(ErrorKind::unsupported, cat(what, " is too old: pkg works with Python 3.7 and newer"));
}

std::string last_line(std::string_view text) {
  const auto lines = split_lines(trim(text));
  return lines.empty() ? std::string() : printable(lines.back());
}

void fill(SchemePaths& paths, const json::Json& list) {
  std::string* const fields[] = {&paths.purelib, &paths.platlib, &paths.scripts, &paths.data, &paths.include};
  for (std::size_t i = 0; i < std::size(fields); ++i) *fields[i] = list.at(i).get<std::string>();
}

void fill(pep::Environment& e, const json::Json& list) {
  std::string* const fields[] = {&e.os_name,
                                 &e.sys_platform,
                                 &e.platform_machine,
                                 &e.platform_python_implementation,
                                 &e.platform_release,
                                 &e.platform_system,
                                 &e.platform_version,
                                 &e.python_version,
                                 &e.python_full_version,
                                 &e.implementation_name,
                                 &e.implementation_version};
  for (std::size_t i = 0; i < std::size(fields); ++i) *fields[i] = list.at(i).get<std::string>();
}

// May throw what nlohmann throws.
ProbedFacts facts_from(const json::Json& answer) {
  ProbedFacts facts;
  const auto text = [&](const char* key) { return answer.at(key).get<std::string>(); };
  const auto number = [&](const char* key, std::size_t at) {
    return static_cast<int>(answer.at(key).at(at).get_ref<const json::Json::number_integer_t&>());
  };
  facts.base_executable = text("base_executable");
  facts.prefix = text("prefix");
  facts.base_prefix = text("base_prefix");
  facts.stdlib = text("stdlib");
  facts.platlibdir = text("platlibdir");
  facts.ext_suffix = text("ext_suffix");
  facts.platform_string = text("platform_string");
  fill(facts.paths, answer.at("paths"));
  fill(facts.user_paths, answer.at("user_paths"));
  facts.site_folders = answer.at("site_folders").get<std::vector<std::string>>();
  for (std::size_t i = 0; i < 3; ++i) facts.version[i] = number("version", i);
  for (std::size_t i = 0; i < 2; ++i) {
    facts.glibc[i] = number("glibc", i);
    facts.musl[i] = number("musl", i);
  }
  facts.gil_disabled = answer.at("gil_disabled").get<bool>();
  facts.debug = answer.at("debug").get<bool>();
  facts.pymalloc = answer.at("pymalloc").get<bool>();
  facts.is_32bit = answer.at("is_32bit").get<bool>();
  facts.armhf = answer.at("armhf").get<bool>();
  fill(facts.environment, answer.at("environment"));
  std::error_code ignored;
  const auto real = std::filesystem::canonical(facts.base_executable, ignored);
  if (!real.empty()) facts.base_executable = real.native();
  return facts;
}

}  // namespace

Result<ProbedFacts> parse_probe_output(std::string_view output) {
  const std::size_t at = output.rfind(kAnswerMark);
  if (at == std::string_view::npos) return make_error(ErrorKind::bad_data, "it printed no answer");
  PKG_TRY_ASSIGN(const auto answer, json::parse(trim(output.substr(at + kAnswerMark.size()))));
  try {
    return facts_from(answer);
  } catch (const nlohmann::json::exception& wrong) {
    return make_error(ErrorKind::bad_data, cat("its answer is not what was asked for: ", wrong.what()));
  }
}

Result<ProbedFacts> run_probe(const std::filesystem::path& executable) {
  process::Command command;
  command.argv = {executable.native(), "-I", "-S", "-W", "ignore", "-c", std::string(embedded::probe_py)};
  command.timeout_s = kProbeTimeout_s;
  PKG_TRY_ASSIGN(const auto output, process::run(command).with([&] {
    return cat("while asking ", quote(executable.native()), " what it is");
  }));
  if (output.timed_out) return no_python(executable, cat("no answer within ", static_cast<int>(kProbeTimeout_s), " s"));
  if (output.exit_code != 0) {
    if (output.err.find("Unknown option: -I") != std::string::npos)
      return too_old(cat("the Python 2 at ", quote(executable.native())));
    return no_python(executable,
                     cat("exit code ", output.exit_code, output.err.empty() ? "" : ", ", last_line(output.err)));
  }
  auto facts = parse_probe_output(output.out);
  if (!facts) return no_python(executable, facts.error().message);
  return facts;
}

Status check_supported(const ProbedFacts& facts, const std::filesystem::path& executable) {
  if (facts.version[0] > 3 || (facts.version[0] == 3 && facts.version[1] >= 7)) return ok_status();
  return too_old(cat("Python ", facts.environment.python_full_version, " at ", quote(executable.native())));
}

}  // namespace pkg::venv
