#include "cli/cli.h"

int main(int argc, char** argv) { return pkg::cli::run(argc, argv); }
