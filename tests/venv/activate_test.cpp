#include "venv/activate.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/process.h"
#include "base/text.h"
#include "support/printers.h"
#include "support/skipped.h"
#include "support/temp_dir.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

enum class Place { written_down, by_the_script };

// The scripts alone: they care about nothing else in the environment.
void write_scripts(const stdfs::path& env, const std::string& prompt = {}, Place place = Place::written_down) {
  stdfs::create_directories(env / "bin");
  for (const auto& script : activation_scripts(place == Place::written_down ? env : stdfs::path(), prompt))
    REQUIRE_OK(fs::publish(env / "bin" / script.name, script.content));
}

std::string run_shell(const std::vector<std::string>& argv, const stdfs::path& folder) {
  process::Command command;
  command.argv = argv;
  command.directory = folder;
  command.timeout_s = 30;
  command.environment = std::vector<std::pair<std::string, std::string>>{{"PATH", "/usr/bin:/bin"},
                                                                         {"HOME", folder.native()},
                                                                         {"PYTHONHOME", "/python home"},
                                                                         {"TERM", "dumb"},
                                                                         {"LC_ALL", "C.UTF-8"}};
  const auto output = process::run(command);
  REQUIRE_OK(output);
  CHECK_MESSAGE(output->err.empty(), output->err);
  CHECK(output->exit_code == 0);
  return output->out;
}

// Folder names that a careless script would split, expand, run or lose.
const std::vector<std::string> kOddNames{
    "plain",    "with space", "quote'\"s", "$HOME `touch ran` $(touch ran)", "!bang! \\ \\n % %n #*?[a]", "-dash",
    "@PROMPT@", "new\nline",  "ünï"};

std::string expected(const stdfs::path& env, const std::string& prompt) {
  return cat("on [", env.native(), "] [", prompt, "] [", (env / "bin").native(),
             ":/usr/bin:/bin] []\noff [] [] [/usr/bin:/bin] [/python home]\n");
}

void check_posix_shell(const std::string& shell, const std::vector<std::string>& flags) {
  if (!process::find_program(shell)) {
    SKIPPED("there is no " << shell);
    return;
  }
  for (const auto place : {Place::written_down, Place::by_the_script}) {
    for (const auto& name : kOddNames) {
      CAPTURE(shell);
      CAPTURE(name);
      const test::TempDir temp;
      const stdfs::path env = temp.path() / name;
      write_scripts(env, {}, place);
      std::vector<std::string> argv{shell};
      argv.insert(argv.end(), flags.begin(), flags.end());
      argv.insert(argv.end(), {"-euc", R"(. "$1"
printf 'on [%s] [%s] [%s] [%s]\n' "$VIRTUAL_ENV" "$VIRTUAL_ENV_PROMPT" "$PATH" "${PYTHONHOME-}"
deactivate
printf 'off [%s] [%s] [%s] [%s]\n' "${VIRTUAL_ENV-}" "${VIRTUAL_ENV_PROMPT-}" "$PATH" "${PYTHONHOME-}")",
                               "sh", (env / "bin/activate").native()});
      CHECK(run_shell(argv, temp.path()) == expected(env, name));
      stdfs::rename(env, temp / "moved");
      argv.back() = "moved/bin/../bin/activate";
      CHECK(run_shell(argv, temp.path()) == expected(temp / "moved", "moved"));
      argv.back() = "./activate";
      CHECK(run_shell(argv, temp / "moved/bin") == expected(temp / "moved", "moved"));
      CHECK(!fs::exists(temp / "ran"));
    }
  }
}

}  // namespace

TEST_CASE("bash activates and deactivates environments in oddly named and moved folders") {
  check_posix_shell("bash", {"--norc", "--noprofile"});
  check_posix_shell("bash", {"--posix"});
}
TEST_CASE("zsh activates and deactivates environments in oddly named and moved folders") {
  check_posix_shell("zsh", {"-f"});
}
TEST_CASE("plain sh activates and deactivates environments in oddly named and moved folders") {
  check_posix_shell("dash", {});
  check_posix_shell("yash", {});
  check_posix_shell("busybox", {"sh"});
}
TEST_CASE("Korn shells activate and deactivate environments in oddly named and moved folders") {
  for (const auto* shell : {"ksh93", "mksh", "lksh"}) check_posix_shell(shell, {});
}

TEST_CASE("a link to an environment is taken by its own name") {
  const test::TempDir temp;
  write_scripts(temp / "real");
  stdfs::create_directory_symlink("real", temp / "link");
  for (const auto& script : activation_scripts(temp / "link", {}))  // made by that name
    REQUIRE_OK(fs::publish(temp / "real/bin" / script.name, script.content));
  for (const auto* shell : {"bash", "dash"}) {
    CAPTURE(shell);
    CHECK(run_shell({shell, "-c", ". link/bin/activate; printf %s \"$VIRTUAL_ENV\""}, temp.path()) ==
          (temp / "link").native());
  }
}

TEST_CASE("fish activates and deactivates environments in oddly named and moved folders") {
  if (!process::find_program("fish")) {
    SKIPPED("there is no fish");
    return;
  }
  constexpr const char* kProgram = R"(source $argv[1]
printf 'on [%s] [%s] [%s] [%s]\n' "$VIRTUAL_ENV" "$VIRTUAL_ENV_PROMPT" (string join : $PATH | string collect) "$PYTHONHOME"
deactivate
printf 'off [%s] [%s] [%s] [%s]\n' "$VIRTUAL_ENV" "$VIRTUAL_ENV_PROMPT" (string join : $PATH | string collect) "$PYTHONHOME")";
  for (const auto& name : kOddNames) {
    CAPTURE(name);
    const test::TempDir temp;
    const stdfs::path env = temp.path() / name;
    write_scripts(env);
    CHECK(run_shell({"fish", "--no-config", "-c", kProgram, (env / "bin/activate.fish").native()}, temp.path()) ==
          expected(env, name));
    stdfs::rename(env, temp / "moved");
    CHECK(run_shell({"fish", "--no-config", "-c", kProgram, "moved/bin/../bin/activate.fish"}, temp.path()) ==
          expected(temp / "moved", "moved"));
    CHECK(!fs::exists(temp / "ran"));
  }
}

TEST_CASE("tcsh activates and deactivates environments in oddly named folders") {
  if (!process::find_program("tcsh")) {
    SKIPPED("there is no tcsh");
    return;
  }
  for (const auto& name : kOddNames) {
    CAPTURE(name);
    const test::TempDir temp;
    const stdfs::path env = temp.path() / name;
    write_scripts(env);
    REQUIRE_OK(fs::publish(temp / "program", cat("source ", quote_for_csh((env / "bin/activate.csh").native()), R"(
printf 'on [%s] [%s] [%s] [%s]\n' $VIRTUAL_ENV:q $VIRTUAL_ENV_PROMPT:q $PATH:q "$?PYTHONHOME"
deactivate
printf 'off [%s] [%s] [%s] [%s]\n' "$?VIRTUAL_ENV" "$?VIRTUAL_ENV_PROMPT" $PATH:q $PYTHONHOME:q
)")));
    const std::string wanted = cat("on [", env.native(), "] [", name, "] [", (env / "bin").native(),
                                   ":/usr/bin:/bin] [0]\noff [0] [0] [/usr/bin:/bin] [/python home]\n");
    CHECK(run_shell({"tcsh", "-f", (temp / "program").native()}, temp.path()) == wanted);
    stdfs::rename(env, temp / "moved");
    CHECK(run_shell({"tcsh", "-fc", "source moved/bin/activate.csh; printf %s $VIRTUAL_ENV:q"}, temp.path()) ==
          (temp / "moved").native());
    CHECK(!fs::exists(temp / "ran"));
  }
}

TEST_CASE("nushell activates and deactivates environments in oddly named and moved folders") {
  if (!process::find_program("nu")) {
    SKIPPED("there is no nu");
    return;
  }
  for (const std::string name : {"plain", "with space", "quote'\"s", "(paren) $x", "ünï"}) {
    CAPTURE(name);
    const test::TempDir temp;
    write_scripts(temp / name);
    const auto program = cat("overlay use ", quote_for_nu((temp / name / "bin/activate.nu").native()),
                             "; print $env.VIRTUAL_ENV $env.VIRTUAL_ENV_PROMPT ($env.PATH | first); deactivate; "
                             "print ('VIRTUAL_ENV' in $env) ($env.PATH | first)");
    CHECK(run_shell({"nu", "-n", "-c", program}, temp.path()) ==
          cat((temp / name).native(), "\n", name, "\n", (temp / name / "bin").native(), "\nfalse\n/usr/bin\n"));
    stdfs::rename(temp / name, temp / "moved");
    CHECK(run_shell({"nu", "-n", "-c", "overlay use moved/bin/activate.nu; print $env.VIRTUAL_ENV"}, temp.path()) ==
          cat((temp / "moved").native(), "\n"));
  }
}

TEST_CASE("xonsh activates and deactivates environments in oddly named folders") {
  if (!process::find_program("xonsh")) {
    SKIPPED("there is no xonsh");
    return;
  }
  const std::string name = "a 'b'";
  const test::TempDir temp;
  write_scripts(temp / name);
  const auto program = cat("source ", quote_for_python((temp / name / "bin/activate.xsh").native()),
                           "\nprint($VIRTUAL_ENV, $VIRTUAL_ENV_PROMPT, $PATH[0])\ndeactivate\n"
                           "print('VIRTUAL_ENV' in ${...}, $PATH[0])");
  // Without the variable of run_shell: xonsh is a Python, and none starts with that home.
  CHECK(run_shell({"env", "-u", "PYTHONHOME", "xonsh", "--no-rc", "-c", program}, temp.path()) ==
        cat((temp / name).native(), " ", name, " ", (temp / name / "bin").native(), "\nFalse /usr/bin\n"));
}

TEST_CASE("a Python that runs already imports from an environment after activate_this.py") {
  if (!process::find_program("python3")) {
    SKIPPED("there is no python3");
    return;
  }
  const test::TempDir temp;
  const stdfs::path env = temp / "a 'b'";
  write_scripts(env, "a \\ 'prompt'\n");
  // Without the variable of run_shell: no Python starts with that home.
  const auto python = [&](const std::string& code) {
    return run_shell({"env", "-u", "PYTHONHOME", "python3", "-c", code, (env / "bin/activate_this.py").native()},
                     temp.path());
  };
  const auto version = python("import sys; print('%d.%d' % sys.version_info[:2], end='')");
  REQUIRE_OK(fs::make_dirs(env / cat("lib/python", version, "/site-packages")));
  REQUIRE_OK(fs::publish(env / cat("lib/python", version, "/site-packages/only_there.py"), ""));
  CHECK(
      python(
          "import runpy, sys, os; runpy.run_path(sys.argv[1]); import only_there\n"
          "print(sys.prefix, os.environ['VIRTUAL_ENV'], os.environ['PATH'], repr(os.environ['VIRTUAL_ENV_PROMPT']))") ==
      cat(env.native(), " ", env.native(), " ", (env / "bin").native(), ":/usr/bin:/bin ", R"("a \\ 'prompt'\n")",
          "\n"));
}

TEST_CASE("what is made for Windows' shell holds no word of the prompt that it would run") {
  for (const auto& script : activation_scripts("/env", "50% \"off\" & more\nlines")) {
    if (script.name != "activate.bat") continue;
    CHECK(script.content.find("set \"VIRTUAL_ENV_PROMPT=50%% off & morelines\"\n") != std::string::npos);
  }
}

TEST_CASE("the prompt shows the environment's name, and nothing in the name is run") {
  const test::TempDir temp;
  const std::string name = "$(touch ran)`touch ran` 100% \\u";
  write_scripts(temp / "env", name);
  struct Row {
    std::vector<std::string> argv;
    std::string shown;
  };
  // ${PS1@P} is the prompt as bash shows it.
  const auto out =
      run_shell({"bash", "--norc", "--noprofile", "-c",
                 "PS1='> '; . env/bin/activate; printf '%s|' \"${PS1@P}\"; deactivate; printf '%s' \"${PS1@P}\""},
                temp.path());
  CHECK(out == cat("(", name, ") > |> "));
  if (process::find_program("fish")) {
    CHECK(run_shell({"fish", "--no-config", "-c",
                     "function fish_prompt; printf '%s> ' $status; end; source env/bin/activate.fish; false; "
                     "fish_prompt; deactivate; fish_prompt"},
                    temp.path()) == cat("(", name, ") 1> 0> "));
  }
  if (process::find_program("zsh")) {
    for (const char* option : {"setopt prompt_subst", "unsetopt prompt_subst"}) {
      CHECK(run_shell({"zsh", "-fc", cat(option, "; PS1='> '; . env/bin/activate; print -rnP -- $PS1")}, temp.path()) ==
            cat("(", name, ") > "));
    }
  }
  CHECK(!fs::exists(temp / "ran"));
}

TEST_CASE("activating twice and from another environment leaves one environment on PATH") {
  const test::TempDir temp;
  write_scripts(temp / "a");
  write_scripts(temp / "b");
  CHECK(run_shell(
            {"bash", "-c", ". a/bin/activate; . a/bin/activate; . b/bin/activate; echo $PATH; deactivate; echo $PATH"},
            temp.path()) == cat((temp / "b/bin").native(), ":/usr/bin:/bin\n/usr/bin:/bin\n"));
}

TEST_CASE("texts are quoted for each shell") {
  CHECK(quote_for_sh("a'b\\c") == "'a'\\''b\\c'");
  CHECK(quote_for_fish("a'b\\c") == "'a\\'b\\\\c'");
  CHECK(quote_for_csh("a'b!c") == "'a'\\''b\\!c'");
  CHECK(quote_for_powershell("a'b\\c$d") == "'a''b\\c$d'");
  CHECK(quote_for_nu("a'b\\c\"d") == "\"a'b\\\\c\\\"d\"");
}

}  // namespace pkg::venv
