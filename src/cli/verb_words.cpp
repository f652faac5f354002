#include "cli/verb_words.h"

#include <algorithm>
#include <array>

namespace pkg::cli {
namespace {

struct VerbWord {
  std::string_view word, advice;
};

constexpr auto kWords = std::to_array<VerbWord>({
    // sorted
    {"activate", "no verb changes your shell: `. .venv/bin/activate`, or `pkg run COMMAND`"},
    {"audit", "pkg has no check for vulnerabilities; `pkg export --format cyclonedx` writes what such tools read"},
    {"autoremove", "`pkg uninstall --orphans` removes what nothing requires any more"},
    {"build", "pkg has no verb for releases; `pkg wheel --no-deps -w dist .` makes a wheel of a project"},
    {"bump", "`pkg version --bump` raises the project's version, `pkg upgrade --bump` the bounds of its requirements"},
    {"ci", "`pkg sync --locked` installs what the lock says, and fails where it is stale"},
    {"clean", "`pkg cache clean` empties the cache"},
    {"create", "`pkg venv` makes an environment, `pkg init` a project"},
    {"delete", "`pkg remove NAME` in a project, `pkg uninstall NAME` in an environment"},
    {"dependencies", "`pkg tree` shows what needs what"},
    {"deps", "`pkg tree` shows what needs what"},
    {"doctor", "`pkg check` looks at requirements, `pkg verify` at files"},
    {"ensure", "`pkg sync` installs what the lock says, `pkg install NAME` a project that is not there yet"},
    {"env", "`pkg venv` makes an environment, `pkg debug` describes it"},
    {"exec", "`pkg run COMMAND`"},
    {"fetch", "`pkg download NAME`"},
    {"get", "`pkg install NAME`, or `pkg download NAME` for the file alone"},
    {"graph", "`pkg tree` shows what needs what"},
    {"i", "`pkg install NAME`"},
    {"info", "`pkg show NAME` of what is installed, `pkg index versions NAME` of what the index has"},
    {"link", "`pkg install -e DIR` installs a folder in place"},
    {"login", "`pkg auth login URL`"},
    {"logout", "`pkg auth logout URL`"},
    {"ls", "`pkg list`"},
    {"mkvirtualenv", "`pkg venv DIR`"},
    {"new", "`pkg init DIR`"},
    {"pin", "`pkg compile` pins requirements; a Python is pinned by a file .python-version"},
    {"pip", "pkg's verbs are pip's: leave out the word `pip`"},
    {"publish", "pkg uploads nothing; `pkg wheel --no-deps -w dist .` makes the wheel that an upload tool takes"},
    {"purge", "`pkg uninstall NAME`, or `pkg cache clean` for the cache"},
    {"reinstall", "`pkg install --reinstall NAME`"},
    {"requirements", "`pkg export -o requirements.txt`"},
    {"restore", "`pkg sync`"},
    {"rm", "`pkg remove NAME` in a project, `pkg uninstall NAME` in an environment"},
    {"search", "pkg has no search: an index answers for one project at a time, `pkg index versions NAME`"},
    {"shell", "no verb changes your shell: `. .venv/bin/activate`, or `pkg run COMMAND`"},
    {"source", "indexes are settings: `pkg config settings`, [[tool.pkg.index]] in pyproject.toml"},
    {"test", "`pkg run pytest`, or whatever runs your tests"},
    {"un", "`pkg uninstall NAME`"},
    {"up", "`pkg upgrade`, in a project or an environment"},
    {"update", "`pkg upgrade`, in a project or an environment"},
    {"upload", "pkg uploads nothing; `pkg wheel --no-deps -w dist .` makes the wheel that an upload tool takes"},
    {"use", "`pkg venv --python VERSION` makes an environment of another Python"},
    {"uv", "pkg's verbs are uv's: leave out the word `uv`"},
    {"virtualenv", "`pkg venv DIR`"},
    {"x", "`pkg tool run NAME`, or pkgx NAME"},
});
static_assert(std::ranges::is_sorted(kWords, {}, &VerbWord::word));

}  // namespace

std::optional<std::string_view> advice_on_verb(std::string_view word) {
  const auto found = std::ranges::lower_bound(kWords, word, {}, &VerbWord::word);
  if (found == kWords.end() || found->word != word) return std::nullopt;
  return found->advice;
}

}  // namespace pkg::cli
