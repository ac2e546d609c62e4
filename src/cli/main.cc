#include "cli/command.h"

int main(int argc, char** argv) { return godwit::cli::Main(argc, argv); }
