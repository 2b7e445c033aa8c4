#pragma once

#include "app/cli/verb.h"

#include <string>
#include <vector>

namespace clipscope::cli {

/// Parses `arguments` (without program and verb) for one verb, runs it and prints its answer.
/// Returns the exit code of base/result.h.
int runVerb(Verb& verb, std::vector<std::string> arguments);

/// Prints an error as people (standard error) or scripts (`{"error": ...}` on standard output)
/// want it; returns its exit code.
int printError(const Error& error, bool json);

} // namespace clipscope::cli
