#include "pep/launcher.h"

#include "support/printers.h"

namespace pkg::pep {

TEST_CASE("a launcher imports the function and calls it") {
  CHECK(launcher_text({"foo", "pkg.cli", "Main.run", ScriptKind::console}, "/env/bin/python") ==
        "#!/env/bin/python\nimport sys\n\nfrom pkg.cli import Main\n\nif __name__ == \"__main__\":\n    "
        "sys.exit(Main.run())\n");
}

TEST_CASE("where the kernel could not read the path, the shell starts the interpreter") {
  CHECK(shebang("/my env/bin/python") == "#!/bin/sh\n'''exec' '/my env/bin/python' \"$0\" \"$@\"\n' '''\n");
  CHECK(shebang("/it's my env/python") == "#!/bin/sh\n'''exec' '/it'\"'\"'s my env/python' \"$0\" \"$@\"\n' '''\n");
  const std::string longest = "/" + std::string(123, 'x');
  CHECK(shebang(kPythonBeside) ==
        "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/python \"$0\" \"$@\"\n' '''\n");
  CHECK(shebang(longest) == "#!" + longest + "\n");
  CHECK(shebang(longest + "x") == "#!/bin/sh\n'''exec' " + longest + "x \"$0\" \"$@\"\n' '''\n");
}

TEST_CASE("only a first line that asks for it is rewritten") {
  CHECK(rewrite_shebang("#!python\nx\n", "/p") == "#!/p\nx\n");
  CHECK(rewrite_shebang("#!pythonw -E\r\nx\r\n", "/p") == "#!/p\nx\r\n");
  CHECK(rewrite_shebang("#!python", "/p") == "#!/p\n");
  CHECK(rewrite_shebang("#!/usr/bin/python\nx", "/p") == "#!/usr/bin/python\nx");
  CHECK(rewrite_shebang("\x7f"
                        "ELF\n#!python\n",
                        "/p") ==
        "\x7f"
        "ELF\n#!python\n");
}

}  // namespace pkg::pep
