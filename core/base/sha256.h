#pragma once

#include "base/result.h"

#include <stop_token>
#include <string>

namespace clipscope {

/// SHA-256 of a file, 64 lower-case hex digits: the sum that publishers give for their files.
/// Errors: NotFound, Io, Cancelled. Cost: reads the whole file, in small pieces.
/// Threads: any thread at once.
Result<std::string> sha256OfFile(const std::filesystem::path& path, std::stop_token stop = {});

} // namespace clipscope
